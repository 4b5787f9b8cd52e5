#include "model/bundle/safetensors.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "model/base/file.h"
#include "tests/model/bundle/bundle_files.h"

namespace lingula {
namespace {

using test::IsOk;
using test::Put;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

std::string Length(uint64_t length) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, sizeof(length));
  return bytes;
}

std::string FileOf(const std::string& header, size_t data_bytes) {
  return Length(header.size()) + header + std::string(data_bytes, 'x');
}

TEST(SafeTensorsTest, ReadsBackWhatWasWritten) {
  const test::TempFolder folder;
  const std::string path = folder.path() + "/f";
  const TensorMap tensors = {{"b", {DType::kU8, {3}, "abc"}},
                             {"a", {DType::kF32, {2, 1}, "12345678"}},
                             {"empty", {DType::kI64, {0, 5}, ""}},
                             {"scalar", {DType::kBf16, {}, "hi"}}};
  ASSERT_THAT(WriteSafeTensors(path, tensors, {{"made by", "a test"}}), IsOk());
  const auto file = SafeTensors::Open(path);
  ASSERT_THAT(file, IsOk());
  ASSERT_EQ(file->tensors().size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    const auto read = file->Get(name);
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(read->dtype, tensor.dtype) << name;
    EXPECT_EQ(read->shape, tensor.shape) << name;
    EXPECT_EQ(read->bytes, tensor.bytes) << name;
  }
  EXPECT_THAT(file->metadata(), ElementsAre(testing::Pair("made by", "a test")));
  EXPECT_EQ(file->file(), *ReadFile(path));
  EXPECT_THAT(file->Get("c"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("\"c\"")));
}

TEST(SafeTensorsTest, WritesAlignedAndTheSameBytesEachTime) {
  const test::TempFolder folder;
  const TensorMap tensors = {{"a", {DType::kU8, {3}, "abc"}}, {"b", {DType::kF32, {1}, "1234"}}};
  ASSERT_THAT(WriteSafeTensors(folder.path() + "/1", tensors), IsOk());
  ASSERT_THAT(WriteSafeTensors(folder.path() + "/2", tensors), IsOk());
  EXPECT_EQ(*ReadFile(folder.path() + "/1"), *ReadFile(folder.path() + "/2"));
  const auto file = SafeTensors::Open(folder.path() + "/1");
  ASSERT_THAT(file, IsOk());
  EXPECT_EQ((file->Get("b")->bytes.data() - file->file().data()) % 8, 0);
}

TEST(SafeTensorsTest, RefusesToWriteWhatCouldNotBeRead) {
  const std::string path = test::TempFolder().path() + "/f";
  EXPECT_THAT(WriteSafeTensors(path, {{"a", {DType::kF32, {2}, "1234"}}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("needs 8")));
  EXPECT_THAT(WriteSafeTensors(path, {{"\xff", {DType::kU8, {1}, "1"}}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("UTF-8")));
  EXPECT_THAT(WriteSafeTensors(path, {{"__metadata__", {DType::kU8, {1}, "1"}}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("reserved")));
}

TEST(SafeTensorsTest, RefusesWhatIsNoFile) {
  const test::TempFolder folder;
  EXPECT_THAT(SafeTensors::Open(folder.path() + "/none"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/none")));
  EXPECT_THAT(SafeTensors::Open(folder.path()), StatusIs(absl::StatusCode::kInvalidArgument));
}

struct Case {
  const char* name;
  std::string file;
  const char* reason;
};
class MalformedTest : public testing::TestWithParam<Case> {};

TEST_P(MalformedTest, IsRefusedWithItsReason) {
  const test::TempFolder folder;
  const std::string path = folder.path() + "/f";
  Put(path, GetParam().file);
  EXPECT_THAT(SafeTensors::Open(path),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().reason)));
}

// One tensor named t.
std::string One(const std::string& dtype, const std::string& shape, const std::string& range,
                size_t data_bytes) {
  return FileOf(
      R"({"t":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + range + "}}",
      data_bytes);
}

// Two tensors of bytes, a and b.
std::string Two(const std::string& range_a, const std::string& range_b, int a, int b,
                size_t data_bytes) {
  return FileOf(R"({"a":{"dtype":"U8","shape":[)" + std::to_string(a) + R"(],"data_offsets":)" +
                    range_a + R"(},"b":{"dtype":"U8","shape":[)" + std::to_string(b) +
                    R"(],"data_offsets":)" + range_b + "}}",
                data_bytes);
}

// The culprit is named, but a hostile file does not choose how much of the log it fills.
TEST(SafeTensorsTest, QuotesHostileTextBriefly) {
  const test::TempFolder folder;
  const std::string path = folder.path() + "/f";
  const std::string name(100000, 'n');
  const auto around = [](const char* start, const std::string& text, const char* end) {
    return absl::StrCat(start, text, end);
  };
  constexpr char kNumberShape[] = R"("shape":[1],"data_offsets":[0,1]}})";
  for (const std::string& header :
       {around("{\"", name, "\":5}"), around(R"({"t":{"dtype":")", name, R"(",)") + kNumberShape,
        around(R"({"t":{"dtype":"U8","shape":")", name, R"(","data_offsets":[0,1]}})"),
        around("{\"", name, "\":1,") + around("\"", name, "\":1}"), around("{\"", name, ""),
        around(R"({"t":{"dtype":"U8","shape":[)", std::string(9999, '1'),
               R"(],"data_offsets":[0,1]}})")}) {
    Put(path, FileOf(header, 1));
    const absl::Status status = SafeTensors::Open(path).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_LT(status.message().size(), 400) << status;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, MalformedTest,
    testing::Values(
        Case{"empty", "", "no header"}, Case{"short", "1234567", "no header"},
        Case{"length_only", Length(2), "no header"},
        Case{"length_past_end", Length(100) + "{}", "a header of 100 bytes"},
        Case{"length_huge", Length(~uint64_t{0}) + "{}", "a header of 18446744073709551615"},
        Case{"not_json", FileOf("{nonsense", 0), "not JSON"},
        Case{"not_utf8", FileOf("{\"\xff\":1}", 0), "not JSON"},
        Case{"two_values", FileOf("{} {}", 0), "not JSON"},
        Case{"array", FileOf("[]", 0), "JSON object"},
        Case{"deep", FileOf("{\"t\":" + std::string(100000, '['), 0), "not JSON"},
        Case{"deep_closed",
             FileOf("{\"t\":" + std::string(500, '[') + std::string(500, ']') + "}", 0),
             "too deeply"},
        Case{"name_twice",
             FileOf(R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                    R"("t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
                    1),
             "\"t\" twice"},
        Case{"key_twice",
             FileOf(R"({"t":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1),
             "\"dtype\" twice"},
        Case{"not_an_object", FileOf(R"({"t":5})", 0), "tensor \"t\": must have exactly"},
        Case{"missing_key", FileOf(R"({"t":{"dtype":"U8","shape":[1]}})", 1), "must have exactly"},
        Case{"extra_key",
             FileOf(R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"code":"x"}})", 1),
             "must have exactly"},
        Case{"unknown_dtype", One("\"F8\"", "[1]", "[0,1]", 1), "got \"F8\""},
        Case{"dtype_number", One("7", "[1]", "[0,1]", 1), "dtype must be"},
        Case{"negative_shape", One("\"U8\"", "[-1]", "[0,1]", 1), "shape must be"},
        Case{"fractional_shape", One("\"U8\"", "[1.5]", "[0,1]", 1), "shape must be"},
        Case{"overflowing_shape", One("\"F32\"", "[4294967296,4294967296]", "[0,0]", 0),
             "too large"},
        Case{"shape_past_int64", One("\"U8\"", "[18446744073709551615]", "[0,1]", 1),
             "shape must be"},
        Case{"shape_and_range", One("\"F32\"", "[2]", "[0,4]", 4), "need 8"},
        Case{"range_backwards", One("\"U8\"", "[1]", "[1,0]", 1), "must be a range"},
        Case{"range_past_end", One("\"U8\"", "[2]", "[0,2]", 1), "must be a range"},
        Case{"range_of_three", One("\"U8\"", "[1]", "[0,1,1]", 1), "must be a range"},
        Case{"overlap", Two("[0,2]", "[1,3]", 2, 2, 3), "inside the tensor before it"},
        Case{"hole", Two("[0,1]", "[2,3]", 1, 1, 3), "leaves a hole"},
        Case{"hole_at_start", One("\"U8\"", "[1]", "[1,2]", 2), "leaves a hole"},
        Case{"bytes_left_over", One("\"U8\"", "[1]", "[0,1]", 2), "end at data byte 1 of 2"},
        Case{"metadata_number", FileOf(R"({"__metadata__":{"a":1}})", 0), "texts to texts"},
        Case{"metadata_text", FileOf(R"({"__metadata__":"a"})", 0), "texts to texts"},
        Case{"metadata_list", FileOf(R"({"__metadata__":[]})", 0), "texts to texts"},
        Case{"metadata_null", FileOf(R"({"__metadata__":null})", 0), "texts to texts"},
        Case{"header_of_spaces", FileOf(std::string(5 << 20, ' ') + "{}", 0),
             "at most 4194304 are read"},
        Case{"control_characters_in_a_name", FileOf(R"({"a\u001b\n":5})", 0),
             "tensor \"a??\": must have exactly"},
        Case{"nan_shape", One("\"U8\"", "[NaN]", "[0,1]", 1), "not JSON"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace lingula
