// Pickles that attack: calls, lengths, stacks, memory.
#include "tests/model/import/parsed.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using absl::StatusCode;
using test::Parsed;
using test::StatusIs;
using testing::HasSubstr;

// The status of a value, so that the matchers take it.
absl::Status StatusOfPickle(const std::string& pickle, int64_t steps = 1000000) {
  return Parsed(pickle, steps).status();
}

std::string Repeated(const std::string& text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) {
    out += text;
  }
  return out;
}

TEST(PickleHostileTest, RefusesEveryWayToCall) {
  const std::string kCalls[] = {
      "cos\nsystem\nU\x02id\x85R.",
      "\x8c\x02os\x8c\x06system\x93U\x02id\x85R.",
      "(U\x02idios\nsystem\n.",
      "(cos\nsystem\nU\x02ido.",
      // Hidden where nobody looks at the value.
      "K\x01"
      "cos\nsystem\nU\x02id\x85R0.",
      "cmy\nClass\n)\x81}U\x01xcos\nsystem\nU\x02id\x85Rsb.",
      "ccollections\nOrderedDict\n]cos\nsystem\nU\x02id\x85Ra\x85R.",
      "(cos\nsystem\nU\x02id\x85RtQ.",
  };
  for (const std::string& call : kCalls) {
    EXPECT_THAT(StatusOfPickle(call),
                StatusIs(StatusCode::kPermissionDenied,
                         HasSubstr("asks to call os.system: refused, nothing was executed")))
        << absl::CHexEscape(call);
  }
}

TEST(PickleHostileTest, RefusesCallsOfNamesThatOnlyLookAllowed) {
  for (const std::string name :
       {"builtins\ngetattr", "__builtin__\neval", "builtins\n__import__", "torch\nload",
        "torch._utils\n_rebuild_tensor_v9", "collections.OrderedDict\nfromkeys", "copyreg\nset",
        "builtins\ncollections.OrderedDict", "_codecs\ndecode", "torch.hub\nload"}) {
    const absl::Status status = StatusOfPickle("c" + name + "\n)R.");
    EXPECT_EQ(status.code(), StatusCode::kPermissionDenied) << name << " " << status;
  }
}

TEST(PickleHostileTest, RefusesToCallValues) {
  EXPECT_THAT(StatusOfPickle("cmy\nClass\n)\x81)R."),
              StatusIs(StatusCode::kPermissionDenied, HasSubstr("a my.Class")));
  EXPECT_THAT(StatusOfPickle("K\x01)R."), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(StatusOfPickle("K\x01)\x81."), StatusIs(StatusCode::kInvalidArgument));
}

TEST(PickleHostileTest, EscapesNamesInMessages) {
  EXPECT_THAT(StatusOfPickle("cevil\x1b[2J\nname\n)R."),
              StatusIs(StatusCode::kPermissionDenied, HasSubstr("evil\\x1b[2J.name")));
}

struct Broken {
  const char* name;
  std::string pickle;
  const char* message;
};

class BrokenPickleTest : public testing::TestWithParam<Broken> {};

TEST_P(BrokenPickleTest, IsRefusedWithItsPlace) {
  EXPECT_THAT(StatusOfPickle(GetParam().pickle),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenPickleTest,
    testing::Values(
        Broken{"Nothing", "", "needs 1 bytes where 0 are left"},
        Broken{"NoStop", "K\x01", "truncated"}, Broken{"StopWithoutValue", ".", "byte 0 (STOP)"},
        Broken{"StopWithTwoValues", "NN.", "other than one value"},
        Broken{"StopBelowAMark", "N(.", "other than one value"},
        Broken{"UnknownOpcode", "N\xff.", "byte 1: 0xff is no pickle opcode"},
        Broken{"NewerProtocol", "\x80\x06.", "protocol 6; 0 to 5"},
        Broken{"Extension1", "\x82\x01.", "byte 0 (EXT1)"},
        Broken{"Extension2", "\x83\x01\x01.", "EXT2"},
        Broken{"Extension4", "\x84\x01\x01\x01\x01.", "EXT4"},
        Broken{"Buffer", "\x97.", "NEXT_BUFFER"}, Broken{"ReadOnly", "N\x98.", "READONLY_BUFFER"},
        Broken{"TextPersistentId", "Pid\n.", "PERSID"},
        Broken{"LongFrame", "\x95\xff\xff\xff\xff\xff\xff\xff\xffN.", "a frame of 184467"},
        Broken{"LongText", "X\xff\xff\xff\xffhi.", "needs 4294967295 bytes where 3 are left"},
        Broken{"LongerText", "\x8d\xff\xff\xff\xff\xff\xff\xff\xffhi.",
               "needs 18446744073709551615"},
        Broken{"LongBytes", "\x8e\xff\xff\xff\xff\xff\xff\xff\x7fhi.", "needs 9223372036854775807"},
        Broken{"LongNumber", "\x8b\xff\xff\xff\x7fhi.", "needs 2147483647 bytes"},
        Broken{"BigNumber", "\x8b\x01\x10" + std::string(2, '\0') + std::string(4097, 'x') + ".",
               "a whole number of 4097 bytes"},
        Broken{"BigDecimal", "L" + std::string(2000, '9') + "L\n.", "1024 digits"},
        Broken{"OddInt", "I1x\n.", "no 64-bit number"}, Broken{"OddLong", "L1x\n.", "no number"},
        Broken{"OddFloat", "F1x\n.", "no number"}, Broken{"Unquoted", "Sabc\n.", "quotes"},
        Broken{"HalfQuoted", "S'abc\n.", "quotes"}, Broken{"OneQuote", "S'\n.", "quotes"},
        Broken{"BadEscape", "S'\\x4'\n.", "escape"}, Broken{"EndEscape", "S'\\'\n.", "escape"},
        Broken{"BadUnicode", "V\\u12\n.", "escape"},
        Broken{"FarUnicode", "V\\U00110000\n.", "escape"},
        Broken{"NoLine", "Vabc", "none of the 3 bytes left ends one"},
        Broken{"TakeFromNothing", "0.", "byte 0 (POP)"},
        Broken{"TakeBelowAMark", "N(\x85.", "byte 2 (TUPLE1)"},
        Broken{"NoMark", "Nt.", "needs a mark"}, Broken{"NoMemo", "h\x05.", "memo 5"},
        Broken{"EmptyPut", "q\x05.", "BINPUT"}, Broken{"NegativeMemo", "Np-1\n.", "memo's number"},
        Broken{"FarMemo", "Np99999999999\n.", "memo's number"},
        Broken{"OddDict", "(NNNd.", "no value"}, Broken{"OddItems", "}(Nu.", "no value"},
        Broken{"AppendToInt", "K\x01Na.", "takes none"},
        Broken{"AppendToDict", "}Na.", "takes none"}, Broken{"AddToList", "](N\x90.", "takes none"},
        Broken{"SetOnList", "]NNs.", "no dictionary"}, Broken{"BuildInt", "K\x01}b.", "attributes"},
        Broken{"BuildName", "cos\nsystem\n}b.", "attributes"},
        Broken{"ListArguments", "ctest\nsay\n]R.", "must be a tuple"},
        Broken{"NamelessClass", "(o.", "names no class"},
        Broken{"NumberAsName", "K\x01K\x02\x93.", "two texts"},
        Broken{"LongName", "c" + std::string(600, 'm') + "\nn\n.", "more than 512"},
        Broken{"ReconstructNothing", "ccopy_reg\n_reconstructor\n)R.", "no class"},
        Broken{"DictOfInts",
               "ccollections\nOrderedDict\n]K\x01"
               "a\x85R.",
               "pairs"},
        Broken{"SetOfInt", "c__builtin__\nset\nK\x01\x85R.", "items"},
        Broken{"EncodeToUtf8",
               "c_codecs\nencode\nU\x01"
               "aU\x04utf8\x86R.",
               "latin1"},
        Broken{"EncodeBrokenUtf8", "c_codecs\nencode\nU\x01\xc3U\x06latin1\x86R.", "Latin-1"},
        Broken{"EncodeFarCharacter", "c_codecs\nencode\nU\x03\xe2\x82\xacU\x06latin1\x86R.",
               "Latin-1"}),
    [](const auto& info) { return info.param.name; });

TEST(PickleHostileTest, StepsAreLimited) {
  EXPECT_THAT(StatusOfPickle(Repeated("N0", 600) + "N.", 1000),
              StatusIs(StatusCode::kResourceExhausted, HasSubstr("byte 1000")));
}

TEST(PickleHostileTest, DecodedBytesAreLimited) {
  // One long text, encoded over and over: quadratic in the length of the file.
  const std::string text =
      std::string("X\xa0\x86\x01", 4) + std::string(1, '\0') + std::string(100000, 'a');
  const std::string pickle =
      "c_codecs\nencode\nq\x01"
      "0" +
      text +
      "U\x06latin1\x86q\x02"
      "0" +
      Repeated("h\x01h\x02R0", 10000) + "N.";
  EXPECT_THAT(StatusOfPickle(pickle),
              StatusIs(StatusCode::kResourceExhausted, HasSubstr("far more bytes")));
  const std::string copies =
      "c__builtin__\nset\nq\x01"
      "0](" +
      Repeated("N", 100000) +
      "e\x85q\x02"
      "0" +
      Repeated("h\x01h\x02R0", 10000) + "N.";
  EXPECT_THAT(StatusOfPickle(copies), StatusIs(StatusCode::kResourceExhausted));
  const std::string name(500, 'm');
  const std::string names = "U\xff" + name.substr(0, 255) +
                            "q\x01"
                            "0" +
                            Repeated(
                                "h\x01h\x01\x93"
                                "0",
                                100000) +
                            "N.";
  EXPECT_THAT(StatusOfPickle(names), StatusIs(StatusCode::kResourceExhausted));
}

TEST(PickleHostileTest, DepthCostsNothing) {
  EXPECT_TRUE(StatusOfPickle(")" + Repeated("\x85", 900000) + ".").ok());
  EXPECT_TRUE(StatusOfPickle(Repeated("(", 400000) + Repeated("t", 400000) + ".").ok());
  // Tuples of twice the same: 2^1000 leaves, were they visited.
  EXPECT_TRUE(StatusOfPickle("N" + Repeated("2\x86", 1000) + ".").ok());
}

}  // namespace
}  // namespace lingula
