#include "model/import/pickle.h"

#include <cmath>

#include "tests/model/import/parsed.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::Parsed;

struct Whole {
  int protocol;
  const char* hex;
};

// pickle.dumps(v, protocol) of Python 3.11, with v =
//   {'a': [1, -2, 300, 70000, -2**31, 2**40, 3.5, None, True, False],
//    'b': (b'\x00\xffz', '\u00fc\u20ac\\u\U0001F600\n', ()),
//    'c': collections.OrderedDict([('k', (1,))]), 'd': frozenset([7]),
//    'e': [(1, 2), (1, 2, 3, 4)], 'f': 10**30, 'g': bytearray(b'xy')}
const Whole kWholes[] = {
    {0,
     "286470300a56610a70310a286c70320a49310a61492d320a61493330300a614937303030300a61492d323134"
     "373438333634380a614c313039393531313632373737364c0a6146332e350a614e614930310a614930300a61"
     "7356620a70330a28635f636f646563730a656e636f64650a70340a28565c7530303030ff7a0a70350a566c61"
     "74696e310a70360a7470370a5270380a56fc5c75323061635c7530303563755c5530303031663630305c7530"
     "3030610a70390a2874747031300a7356630a7031310a63636f6c6c656374696f6e730a4f7264657265644469"
     "63740a7031320a2874527031330a566b0a7031340a2849310a747031350a737356640a7031360a635f5f6275"
     "696c74696e5f5f0a66726f7a656e7365740a7031370a28286c7031380a49370a61747031390a527032300a73"
     "56650a7032310a286c7032320a2849310a49320a747032330a612849310a49320a49330a49340a747032340a"
     "617356660a7032350a4c313030303030303030303030303030303030303030303030303030303030304c0a73"
     "56670a7032360a635f5f6275696c74696e5f5f0a6279746561727261790a7032370a2867340a285678790a70"
     "32380a67360a747032390a527033300a747033310a527033320a732e"},
    {1,
     "7d71002858010000006171015d7102284b014afeffffff4d2c014a701101004a000000804c31303939353131"
     "3632373737364c0a47400c0000000000004e4930310a4930300a65580100000062710328635f636f64656373"
     "0a656e636f64650a710428580400000000c3bf7a710558060000006c6174696e317106747107527108580c00"
     "0000c3bce282ac5c75f09f98800a71092974710a580100000063710b63636f6c6c656374696f6e730a4f7264"
     "65726564446963740a710c2952710d58010000006b710e284b0174710f735801000000647110635f5f627569"
     "6c74696e5f5f0a66726f7a656e7365740a7111285d71124b076174711352711458010000006571155d711628"
     "284b014b02747117284b014b024b034b047471186558010000006671194c3130303030303030303030303030"
     "30303030303030303030303030303030304c0a580100000067711a635f5f6275696c74696e5f5f0a62797465"
     "61727261790a711b2868042858020000007879711c680674711d52711e74711f527120752e"},
    {2,
     "80027d71002858010000006171015d7102284b014afeffffff4d2c014a701101004a000000808a0600000000"
     "000147400c0000000000004e8889655801000000627103635f636f646563730a656e636f64650a7104580400"
     "000000c3bf7a710558060000006c6174696e317106867107527108580c000000c3bce282ac5c75f09f98800a"
     "71092987710a580100000063710b63636f6c6c656374696f6e730a4f726465726564446963740a710c295271"
     "0d58010000006b710e4b0185710f735801000000647110635f5f6275696c74696e5f5f0a66726f7a656e7365"
     "740a71115d71124b076185711352711458010000006571155d7116284b014b02867117284b014b024b034b04"
     "7471186558010000006671198a0d00000040eaed7446d09c2c9f0c580100000067711a635f5f6275696c7469"
     "6e5f5f0a6279746561727261790a711b680458020000007879711c680686711d52711e85711f527120752e"},
    {3,
     "80037d71002858010000006171015d7102284b014afeffffff4d2c014a701101004a000000808a0600000000"
     "000147400c0000000000004e8889655801000000627103430300ff7a7104580c000000c3bce282ac5c75f09f"
     "98800a710529877106580100000063710763636f6c6c656374696f6e730a4f726465726564446963740a7108"
     "2952710958010000006b710a4b0185710b73580100000064710c636275696c74696e730a66726f7a656e7365"
     "740a710d5d710e4b076185710f52711058010000006571115d7112284b014b02867113284b014b024b034b04"
     "7471146558010000006671158a0d00000040eaed7446d09c2c9f0c5801000000677116636275696c74696e73"
     "0a6279746561727261790a711743027879711885711952711a752e"},
    {4,
     "800495da000000000000007d94288c0161945d94284b014afeffffff4d2c014a701101004a000000808a0600"
     "000000000147400c0000000000004e8889658c016294430300ff7a948c0cc3bce282ac5c75f09f98800a9429"
     "87948c0163948c0b636f6c6c656374696f6e73948c0b4f726465726564446963749493942952948c016b944b"
     "018594738c016494284b0791948c0165945d94284b014b028694284b014b024b034b047494658c0166948a0d"
     "00000040eaed7446d09c2c9f0c8c0167948c086275696c74696e73948c096279746561727261799493944302"
     "78799485945294752e"},
    {5,
     "800595c4000000000000007d94288c0161945d94284b014afeffffff4d2c014a701101004a000000808a0600"
     "000000000147400c0000000000004e8889658c016294430300ff7a948c0cc3bce282ac5c75f09f98800a9429"
     "87948c0163948c0b636f6c6c656374696f6e73948c0b4f726465726564446963749493942952948c016b944b"
     "018594738c016494284b0791948c0165945d94284b014b028694284b014b024b034b047494658c0166948a0d"
     "00000040eaed7446d09c2c9f0c8c016794960200000000000000787994752e"},
};

TEST(PickleTest, ReadsWhatPythonWritesInEveryProtocol) {
  for (const Whole& whole : kWholes) {
    const std::string input = absl::HexStringToBytes(whole.hex);
    const Parsed parsed(input);
    EXPECT_EQ(parsed.text(),
              "{'a': [1, -2, 300, 70000, -2147483648, 1099511627776, 3.5f, None, True, False], "
              "'b': (b'\\x00\\xffz', "
              "'\\xc3\\xbc\\xe2\\x82\\xac\\\\u\\xf0\\x9f\\x98\\x80\\n', ()), 'c': {'k': (1)}, "
              "'d': set(7), 'e': [(1, 2), (1, 2, 3, 4)], 'f': big, 'g': b'xy'}")
        << whole.protocol;
    EXPECT_EQ(parsed.bytes(), input.size());
  }
}

struct Case {
  const char* name;
  std::string pickle;
  const char* text;
};

class OpcodeTest : public testing::TestWithParam<Case> {};

TEST_P(OpcodeTest, DoesWhatPythonDoes) {
  EXPECT_EQ(Parsed(GetParam().pickle).text(), GetParam().text);
}

std::string Zeros(size_t count) {
  return std::string(count, '\0');
}

INSTANTIATE_TEST_SUITE_P(
    Scalars, OpcodeTest,
    testing::Values(
        Case{"Int", "I-12\n.", "-12"}, Case{"IntTrue", "I01\n.", "True"},
        Case{"IntFalse", "I00\n.", "False"}, Case{"LongText", "L-7L\n.", "-7"},
        Case{"LongTextBig", "L123456789012345678901L\n.", "big"},
        Case{"Long1Empty", "\x8a" + Zeros(1) + ".", "0"},
        Case{"Long1Negative", "\x8a\x01\xff.", "-1"},
        Case{"Long1EightBytes", "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.", "9223372036854775807"},
        Case{"Long1NineBytes", "\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff" + Zeros(1) + ".", "big"},
        Case{"Long4", "\x8b\x02" + Zeros(4).substr(1) + Zeros(1) + "\x80.", "-32768"},
        Case{"FloatText", "F-2.5\n.", "-2.5f"},
        Case{"BinFloat", "G\xbf\xf8" + Zeros(6) + ".", "-1.5f"},
        Case{"String", "S'a\\x41B\\n\\\\\\'\\101'\n.", "'aAB\\n\\\\\\'A'"},
        Case{"StringDoubleQuotes", "S\"it's\"\n.", "'it\\'s'"},
        Case{"BinString", "T\x02" + Zeros(3) + "hi.", "'hi'"},
        Case{"ShortBinString", "U\x02hi.", "'hi'"},
        Case{"Unicode", "V\\u00e9\xe9\\n\\U0001f600\n.",
             "'\\xc3\\xa9\\xc3\\xa9\\\\n\\xf0\\x9f\\x98\\x80'"},
        Case{"BinUnicode8", "\x8d\x02" + Zeros(7) + "hi.", "'hi'"},
        Case{"BinBytes8", "\x8e\x02" + Zeros(7) + "hi.", "b'hi'"},
        Case{"ByteArray8", "\x96\x02" + Zeros(7) + "hi.", "b'hi'"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Containers, OpcodeTest,
    testing::Values(Case{"List", "(K\x01K\x02l.", "[1, 2]"},
                    Case{"Dict",
                         "(K\x01K\x02"
                         "d.",
                         "{1: 2}"},
                    Case{"Append",
                         "]K\x01"
                         "a.",
                         "[1]"},
                    Case{"Appends",
                         "](K\x01K\x02"
                         "e.",
                         "[1, 2]"},
                    Case{"AddItems", "\x8f(K\x01K\x02\x90.", "set(1, 2)"},
                    Case{"FrozenSet", "(K\x01\x91.", "set(1)"},
                    Case{"SetItems", "}(K\x01K\x02K\x03K\x04u.", "{1: 2, 3: 4}"},
                    Case{"Tuples", "K\x01K\x02K\x03\x87K\x04\x85\x86.", "((1, 2, 3), (4))"},
                    Case{"Pop",
                         "K\x01K\x02"
                         "0.",
                         "1"},
                    Case{"PopTakesABareMark", "K\x01(0.", "1"},
                    Case{"PopMark",
                         "K\x01(K\x02K\x03"
                         "1.",
                         "1"},
                    Case{"Dup",
                         "K\x01"
                         "2\x86.",
                         "(1, 1)"},
                    Case{"TextMemo", "K\x07p300\n0g300\n.", "7"},
                    Case{"BinaryMemo",
                         "K\x07q\x05"
                         "0h\x05.",
                         "7"},
                    Case{"LongMemo",
                         "K\x07r\x05" + Zeros(2) +
                             "\xff"
                             "0j\x05" +
                             Zeros(2) + "\xff.",
                         "7"},
                    Case{"Memoize",
                         "K\x07\x94K\x08\x94"
                         "00h\x01.",
                         "8"},
                    Case{"Frame", "\x95\x03" + Zeros(7) + "K\x07.", "7"},
                    Case{"CycleOfAList",
                         "]q\x01h\x01"
                         "a.",
                         "[[[[[[[[...]]]]]]]]"},
                    Case{"CycleOfADict", "}q\x01K\x05h\x01s.",
                         "{5: {5: {5: {5: {5: {5: {5: {...: ...}}}}}}}}"},
                    Case{"LaterValueWins", "}U\x01kK\x01sU\x01kK\x02s.", "{'k': 1, 'k': 2}"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Objects, OpcodeTest,
    testing::Values(
        Case{"GlobalIsAName", "cos\nsystem\n.", "<os.system>"},
        Case{"StackGlobal", "\x8c\x02os\x8c\x06system\x93.", "<os.system>"},
        Case{"Reduce", "ctest\nsay\nK\x05\x85R.", "5"}, Case{"Inst", "(K\x05itest\nsay\n.", "5"},
        Case{"Obj", "(ctest\nsay\nK\x05o.", "5"},
        Case{"NewObject", "cmy\nClass\n)\x81.", "opaque my.Class"},
        Case{"NewObjectEx", "cmy\nClass\n)}\x92.", "opaque my.Class"},
        Case{"Reconstructor", "ccopy_reg\n_reconstructor\n(cmy\nClass\nc__builtin__\nobject\nNtR.",
             "opaque my.Class"},
        Case{"BuildDropsTheState", "cmy\nClass\n)\x81}U\x01xK\x01sb.", "opaque my.Class"},
        Case{"OpaqueDropsItems",
             "cmy\nClass\n)\x81K\x01"
             "a(K\x01"
             "eK\x01K\x02s(K\x01\x90.",
             "opaque my.Class"},
        Case{"OrderedDictOfPairs",
             "ccollections\nOrderedDict\n](K\x01K\x02\x86"
             "e\x85R.",
             "{1: 2}"},
        Case{"AttributesOfADict", "ccollections\nOrderedDict\n)R}U\x01mK\x01sb.", "{}"},
        Case{"Set",
             "c__builtin__\nset\n](K\x01K\x02"
             "e\x85R.",
             "set(1, 2)"},
        Case{"BytesOfProtocol2",
             "c_codecs\nencode\nX\x03" + Zeros(3) + "a\xc3\xbfU\x06latin1\x86R.", "b'a\\xff'"},
        Case{"EmptyBytesOfProtocol2", "c__builtin__\nbytes\n)R.", "b''"},
        Case{"NumpyScalar",
             "cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\nU\x02"
             "f8\x85RK\x01"
             "bU\x01x\x86R.",
             "opaque numpy.core.multiarray.scalar"},
        Case{"Path", "cpathlib\nPosixPath\nU\x01/\x85R.", "opaque pathlib.PosixPath"},
        Case{"PersistentId", "(U\x07storageK\x01tQ.", "('storage', 1)"}),
    [](const auto& info) { return info.param.name; });

TEST(PickleTest, FindsTheLastValueOfAKey) {
  const Parsed parsed("}U\x01kK\x01sK\x01K\x05sU\x01kK\x02s.");
  EXPECT_EQ(parsed.value().Find("k")->whole, 2);
  EXPECT_EQ(parsed.value().Find("l"), nullptr);
  EXPECT_EQ(Parsed("K\x01.").value().Find("k"), nullptr);
}

TEST(PickleTest, StopsAtStop) {
  EXPECT_EQ(Parsed("K\x01.K\x02.").bytes(), 3U);
}

}  // namespace
}  // namespace lingula
