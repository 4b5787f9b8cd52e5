#include "model/import/torch_tensor.h"

#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using absl::StatusCode;
using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;

TorchStorage Bytes(int64_t elements, int64_t first = 0) {
  TorchStorage storage;
  storage.type = FindStorageType("torch.ByteStorage");
  storage.elements = elements;
  storage.first = first;
  return storage;
}

// The tensor's elements out of the alphabet.
std::string Read(const TorchTensor& tensor) {
  const absl::string_view alphabet = "abcdefghijklmnopqrstuvwxyz";
  const TorchTensor::Span touched = tensor.TouchedBytes();
  return Contiguous(tensor, alphabet.substr(touched.begin, touched.end - touched.begin));
}

TEST(TorchTensorTest, MakesAnyStridesContiguous) {
  const TorchStorage storage = Bytes(26);
  const struct {
    TorchTensor tensor;
    const char* text;
  } kCases[] = {
      {{&storage, 0, {2, 3}, {3, 1}}, "abcdef"},
      {{&storage, 0, {3, 2}, {1, 3}}, "adbecf"},  // transposed
      {{&storage, 5, {2, 2}, {10, 2}}, "fhpr"},   // every other one of a window
      {{&storage, 1, {2, 3}, {0, 1}}, "bcdbcd"},  // expanded
      {{&storage, 2, {}, {}}, "c"},               // a scalar
      {{&storage, 2, {0, 3}, {3, 1}}, ""},        // empty
      {{&storage, 2, {3, 0}, {1, 1}}, ""},
      {{&storage, 0, {2, 1, 2}, {2, 99, 1}}, "abcd"},  // one element: no stride
      {{&storage, 0, {2, 3, 2}, {6, 1, 3}}, "adbecfgjhkil"},
  };
  for (const auto& c : kCases) {
    ASSERT_THAT(CheckTensor(c.tensor), IsOk()) << c.text;
    EXPECT_EQ(Read(c.tensor), c.text);
  }
}

TEST(TorchTensorTest, CountsFromTheStartOfAPart) {
  const TorchStorage part = Bytes(4, 10);
  const TorchTensor tensor{&part, 1, {2}, {2}};
  ASSERT_THAT(CheckTensor(tensor), IsOk());
  EXPECT_EQ(Read(tensor), "ln");
}

TEST(TorchTensorTest, CopiesWholeElements) {
  TorchStorage storage;
  storage.type = FindStorageType("torch.HalfStorage");
  storage.elements = 4;
  const TorchTensor tensor{&storage, 1, {2}, {2}};
  EXPECT_EQ(tensor.TouchedBytes().begin, 2);
  EXPECT_EQ(tensor.TouchedBytes().end, 8);
  EXPECT_EQ(Read(tensor), "cdgh");
}

TEST(TorchTensorTest, RefusesTensorsThatLeaveTheirStorage) {
  const TorchStorage storage = Bytes(6);
  constexpr int64_t kFar = int64_t{1} << 62;
  const struct {
    TorchTensor tensor;
    const char* message;
  } kCases[] = {
      {{&storage, 1, {2, 3}, {3, 1}}, "leaves it"},
      {{&storage, 0, {2, 3}, {4, 1}}, "leaves it"},
      {{&storage, 6, {}, {}}, "leaves it"},
      {{&storage, -1, {2}, {1}}, "negative"},
      {{&storage, 0, {-2}, {1}}, "negative"},
      {{&storage, 5, {2}, {-1}}, "negative"},
      {{&storage, 0, {kFar, 4}, {0, 0}}, "too large"},
      {{&storage, 0, {3}, {kFar}}, "too large"},
      {{&storage, kFar, {3}, {kFar / 2}}, "too large"},
      {{&storage, 0, {3}, {}}, "one stride a dimension"},
      {{&storage, 0, {int64_t{1} << 40}, {0}}, "repeats it"},
      {{&storage, 0, std::vector<int64_t>(65, 1), std::vector<int64_t>(65, 1)}, "64 dimensions"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(CheckTensor(c.tensor),
                StatusIs(StatusCode::kInvalidArgument, HasSubstr(c.message)));
  }
  // The product of the sizes does not fit, but there is no element.
  EXPECT_THAT(CheckTensor({&storage, 0, {0, kFar, kFar}, {1, 1, 1}}),
              StatusIs(StatusCode::kInvalidArgument));
}

TEST(TorchTensorTest, KnowsTheStoragesOfTorch) {
  EXPECT_EQ(FindStorageType("torch.BFloat16Storage")->dtype, DType::kBf16);
  EXPECT_EQ(FindStorageType("torch.LongStorage")->element_bytes, 8);
  EXPECT_FALSE(FindStorageType("torch.QInt8Storage")->representable);
  EXPECT_EQ(FindStorageType("FloatStorage"), nullptr);
}

}  // namespace
}  // namespace lingula
