#include "model/image/tensor.h"

#include <cmath>
#include <limits>
#include <string>

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;

std::string BytesOf(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

TEST(TakeTensorTest, TakesValuesAsTheyAre) {
  InputSpec spec;
  spec.side_px = 2;
  const std::vector<float> values = {0.0F, -1.5F, 3e38F, -0.0F};
  const auto tensor = TakeTensor(BytesOf(values), spec);
  ASSERT_THAT(tensor, IsOk());
  EXPECT_EQ(*tensor, values);
}

TEST(TakeTensorTest, RefusesOtherLengthsAndOddValues) {
  InputSpec spec;
  spec.side_px = 2;
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(TakeTensor("", spec), StatusIs(kInvalid, HasSubstr("must be 16 bytes long, got 0")));
  EXPECT_THAT(TakeTensor(std::string(17, 'x'), spec), StatusIs(kInvalid, HasSubstr("got 17")));
  EXPECT_THAT(TakeTensor(BytesOf({0, 0, std::nanf(""), 0}), spec),
              StatusIs(kInvalid, HasSubstr("value 2 of the tensor is NaN or infinite")));
  EXPECT_THAT(TakeTensor(BytesOf({0, -std::numeric_limits<float>::infinity(), 0, 0}), spec),
              StatusIs(kInvalid, HasSubstr("value 1 ")));
}

}  // namespace
}  // namespace lingula
