#include "model/base/status_macros.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::IsOkAndHolds;
using test::StatusIs;

absl::Status Two(const absl::Status& first, const absl::Status& second, int& steps) {
  LINGULA_RETURN_IF_ERROR(first);
  ++steps;
  LINGULA_RETURN_IF_ERROR(second);
  ++steps;
  return absl::OkStatus();
}

TEST(ReturnIfErrorTest, StopsAtTheFirstError) {
  int steps = 0;
  EXPECT_THAT(Two(absl::OkStatus(), absl::OkStatus(), steps), IsOk());
  EXPECT_EQ(steps, 2);
  steps = 0;
  EXPECT_THAT(Two(absl::OkStatus(), absl::NotFoundError("gone"), steps),
              StatusIs(absl::StatusCode::kNotFound, "gone"));
  EXPECT_EQ(steps, 1);
}

absl::StatusOr<int> Sum(absl::StatusOr<int> a, absl::StatusOr<std::unique_ptr<int>> b) {
  LINGULA_ASSIGN_OR_RETURN(const int first, a);
  LINGULA_ASSIGN_OR_RETURN(const std::unique_ptr<int> second, std::move(b));  // move-only, too
  return first + *second;
}

TEST(AssignOrReturnTest, DeclaresTheValueOrReturnsTheStatus) {
  EXPECT_THAT(Sum(1, std::make_unique<int>(2)), IsOkAndHolds(3));
  EXPECT_THAT(Sum(absl::AbortedError("a"), std::make_unique<int>(2)),
              StatusIs(absl::StatusCode::kAborted, "a"));
  EXPECT_THAT(Sum(1, absl::DataLossError("b")), StatusIs(absl::StatusCode::kDataLoss, "b"));
}

}  // namespace
}  // namespace lingula
