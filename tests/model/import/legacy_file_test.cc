#include "model/import/legacy_file.h"

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using absl::StatusCode;
using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;
using Kind = PickleValue::Kind;

const std::string kMagic = "\x80\x02\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19.";
const std::string kVersion = "\x80\x02M\xe9\x03.";
const std::string kSystem = "\x80\x02}U\rlittle_endian\x88s.";

std::string Number(uint64_t value, size_t bytes) {
  std::string out;
  for (size_t i = 0; i < bytes; ++i) {
    out.push_back(static_cast<char>(value >> (8 * i)));
  }
  return out;
}

// The id of the storage `key`, three bytes long unless said otherwise.
std::string Storage(const std::string& key, const std::string& view = "N",
                    const std::string& type = "torch\nByteStorage",
                    const std::string& count = "K\x03") {
  return "(U\x07storagec" + type + "\nU" + Number(key.size(), 1) + key +
         "U\x03"
         "cpu" +
         count + view + "tQ";
}

std::string Block(uint64_t elements, const std::string& data) {
  return Number(elements, 8) + data;
}

const std::string kKeyA =
    "]U\x01"
    "aa.";

struct Read {
  PickleArena arena;
  absl::StatusOr<const PickleValue*> value;

  explicit Read(std::string file, int nesting = 3) : file_(std::move(file)) {
    PickleBudget budget = BudgetFor(file_.size());
    budget.nesting = nesting;
    value = ReadLegacy(file_, arena, budget);
  }
  const absl::Status& status() const { return value.status(); }

 private:
  std::string file_;
};

std::string File(const std::string& object, const std::string& rest) {
  return kMagic + kVersion + kSystem + object + rest;
}

TEST(LegacyFileTest, KnowsItsMagic) {
  EXPECT_TRUE(IsLegacy(kMagic));
  EXPECT_TRUE(IsLegacy(File("N.", "].")));
  EXPECT_FALSE(IsLegacy("}."));
  EXPECT_FALSE(IsLegacy(""));
  EXPECT_FALSE(IsLegacy(kMagic.substr(0, 8)));
  EXPECT_FALSE(IsLegacy("\x80\x02\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x1a."));
}

TEST(LegacyFileTest, GivesStoragesTheirBlocks) {
  const Read read(File(Storage("a") + Storage("b") + "\x86.",
                       "](U\x01"
                       "bU\x01"
                       "ae." +
                           Block(3, "BBB") + Block(3, "AAA")));
  ASSERT_THAT(read.status(), IsOk());
  EXPECT_EQ((*read.value)->items[0]->storage->block, "AAA");
  EXPECT_EQ((*read.value)->items[1]->storage->block, "BBB");
}

TEST(LegacyFileTest, ReadsPartsOfABlock) {
  const Read read(
      File(Storage("a") + Storage("a", "(U\x01vK\x01K\x02t") + "\x86.", kKeyA + Block(3, "xyz")));
  ASSERT_THAT(read.status(), IsOk());
  const TorchStorage& part = *(*read.value)->items[1]->storage;
  EXPECT_EQ(part.first, 1);
  EXPECT_EQ(part.elements, 2);
  EXPECT_EQ(part.block, "xyz");
}

TEST(LegacyFileTest, OneStorageNamedTwiceIsOne) {
  const Read read(File(Storage("a") + Storage("a") + "\x86.", kKeyA + Block(3, "xyz")));
  ASSERT_THAT(read.status(), IsOk());
  EXPECT_EQ((*read.value)->items[0]->storage, (*read.value)->items[1]->storage);
}

struct Broken {
  const char* name;
  std::string file;
  const char* message;
};

class BrokenLegacyTest : public testing::TestWithParam<Broken> {};

TEST_P(BrokenLegacyTest, IsRefusedWithItsPlace) {
  EXPECT_THAT(Read(GetParam().file).status(),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenLegacyTest,
    testing::Values(
        Broken{"OtherMagic", "K\x01.", "magic number"},
        Broken{"OnlyMagic", kMagic, "in the version pickle, from byte 15 on: needs 1 bytes"},
        Broken{"OtherVersion", kMagic + "M\xe8\x03.", "other than 1001"},
        Broken{"BigEndian", kMagic + kVersion + "}U\rlittle_endian\x89s.N.].", "big-endian"},
        Broken{"BrokenObject", File("NN.", ""), "in the object pickle, from byte"},
        Broken{"KeysAreNoList", File("N.", "}."), "no list"},
        Broken{"KeyIsNoText",
               File("N.",
                    "]K\x01"
                    "a."),
               "belongs to no tensor"},
        Broken{"StrangeKey", File("N.", kKeyA), "\"a\" at byte"},
        Broken{"MissingKey", File(Storage("a") + ".", "]."), "\"a\" has no data"},
        Broken{"OtherLength", File(Storage("a") + ".", kKeyA + Block(4, "xyzw")),
               "has 4 elements where its tensors want 3"},
        Broken{"HugeLength", File(Storage("a") + ".", kKeyA + Block(~uint64_t{0}, "xyz")),
               "18446744073709551615 elements"},
        Broken{"ShortBlock", File(Storage("a") + ".", kKeyA + Block(3, "xy")),
               "needs 3 bytes where 2 are left"},
        Broken{"NoLength", File(Storage("a") + ".", kKeyA + "123"), "needs 8 bytes"},
        Broken{"Rest", File(Storage("a") + ".", kKeyA + Block(3, "xyz!")), "1 bytes follow"},
        Broken{"TwoTypes",
               File(Storage("a") + Storage("a", "N", "torch\nHalfStorage") + "\x86.",
                    kKeyA + Block(3, "xyzxyz")),
               "different lengths"},
        Broken{"UnknownType", File(Storage("a", "N", "torch\nCudaStorage") + ".", kKeyA),
               "torch.CudaStorage"},
        Broken{"NegativeCount",
               File(Storage("a", "N", "torch\nByteStorage", "J\xff\xff\xff\xff") + ".", kKeyA),
               "-1 elements"},
        Broken{"OverflowingCount",
               File(Storage("a", "N", "torch\nLongStorage",
                            "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f") +
                        ".",
                    kKeyA),
               "9223372036854775807 elements"},
        Broken{"NoKey", File(Storage("") + ".", kKeyA), "the key \"\""},
        Broken{"PartOutside", File(Storage("a", "(U\x01vK\x02K\x02t") + ".", kKeyA), "leaves it"},
        Broken{"OddPart", File(Storage("a", "K\x01") + ".", kKeyA), "leaves it"},
        Broken{"Module", File("(U\x06moduleNU\x01sU\x01tK\x01tQ.", kKeyA), "state dict"},
        Broken{"NoTuple", File("K\x01Q.", kKeyA), "no storage"},
        Broken{"ShortTuple", File("(U\x07storagetQ.", kKeyA), "no storage"},
        Broken{"TensorOfNothing", File("ctorch._utils\n_rebuild_tensor_v2\n)R.", "]."),
               "without a storage"},
        Broken{"TensorOfText", File("ctorch._utils\n_rebuild_tensor\n(U\x01sK\x01))tR.", "]."),
               "without a storage"},
        Broken{"ShapeOfText",
               File("ctorch._utils\n_rebuild_tensor\n(" + Storage("a") + "K\x01U\x01x)tR.", kKeyA),
               "no tuple of whole numbers"},
        Broken{
            "TensorOutside",
            File("ctorch._utils\n_rebuild_tensor\n(" + Storage("a") + "K\x01K\x03\x85K\x01\x85tR.",
                 kKeyA),
            "leaves it"},
        Broken{"ParameterOfText", File("ctorch._utils\n_rebuild_parameter\nU\x01x\x85R.", "]."),
               "no tensor"}),
    [](const auto& info) { return info.param.name; });

TEST(LegacyFileTest, ReadsParametersSizesAndDevices) {
  const Read read(File("ctorch._utils\n_rebuild_parameter\nctorch._utils\n_rebuild_tensor\n(" +
                           Storage("a") + "K\x01K\x02\x85K\x01\x85tR\x88}\x87R" +
                           "ctorch\nSize\nK\x05\x85\x85R" +
                           "ctorch\ndevice\nU\x03"
                           "cpu\x85R\x87.",
                       kKeyA + Block(3, "xyz")));
  ASSERT_THAT(read.status(), IsOk());
  const auto& items = (*read.value)->items;
  EXPECT_EQ(items[0]->kind, Kind::kTensor);
  EXPECT_EQ(items[0]->tensor->shape, std::vector<int64_t>{2});
  EXPECT_EQ(items[1]->kind, Kind::kTuple);
  EXPECT_EQ(items[1]->items[0]->whole, 5);
  EXPECT_EQ(items[2]->kind, Kind::kOpaque);
}

// A file whose object is the storage in `inner`.
std::string Nest(const std::string& inner) {
  return File("ctorch.storage\n_load_from_bytes\nB" + Number(inner.size(), 4) + inner + "\x85R.",
              "].");
}

TEST(LegacyFileTest, NestingIsLimited) {
  const std::string inner = File(Storage("a") + ".", kKeyA + Block(3, "xyz"));
  const Read once(Nest(inner));
  ASSERT_THAT(once.status(), IsOk());
  EXPECT_EQ((*once.value)->storage->block, "xyz");
  EXPECT_THAT(Read(Nest(Nest(inner))).status(), IsOk());
  EXPECT_THAT(Read(Nest(Nest(Nest(Nest(inner))))).status(),
              StatusIs(StatusCode::kResourceExhausted, HasSubstr("nested more deeply")));
  EXPECT_THAT(Read(Nest(File("N.", "]."))).status(),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("holds something else")));
  EXPECT_THAT(Read(Nest("K\x01.")).status(),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("nested storage: no file")));
}

TEST(LegacyFileTest, OneStorageIsNotParsedForEver) {
  const std::string inner = File(Storage("a") + ".", kKeyA + Block(3, std::string("xyz")));
  std::string object =
      "ctorch.storage\n_load_from_bytes\nq\x01"
      "0B" +
      Number(inner.size(), 4) + inner +
      "\x85q\x02"
      "0";
  for (int i = 0; i < 100000; ++i) {
    object += "h\x01h\x02R0";
  }
  EXPECT_THAT(Read(File(object + "N.", "].")).status(), StatusIs(StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace lingula
