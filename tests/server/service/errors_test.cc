#include "server/service/errors.h"

#include <gmock/gmock.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using std::chrono::milliseconds;
using test::IsOk;
using test::StatusIs;

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

TEST(FieldProblems, NoneIsOk) {
  EXPECT_THAT(FieldProblems().status(), IsOk());
}

TEST(FieldProblems, AllFieldsTravel) {
  FieldProblems problems;
  problems.Add("threshold", "must be in (0, 1)");
  problems.Add("image", "must be given");
  const absl::Status status = problems.status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               "threshold: must be in (0, 1); image: must be given"));
  const google::rpc::Status details = DetailsOf(ToGrpcStatus(status));
  EXPECT_EQ(details.code(), 3);
  google::rpc::BadRequest bad;
  ASSERT_TRUE(details.details(0).UnpackTo(&bad));
  ASSERT_EQ(bad.field_violations_size(), 2);
  EXPECT_EQ(bad.field_violations(1).field(), "image");
  EXPECT_EQ(bad.field_violations(1).description(), "must be given");
}

TEST(WithField, OnlyForMistakesOfTheCaller) {
  EXPECT_FALSE(
      ToGrpcStatus(WithField(absl::OutOfRangeError("x"), "image")).error_details().empty());
  EXPECT_TRUE(
      ToGrpcStatus(WithField(absl::UnimplementedError("x"), "image")).error_details().empty());
}

TEST(WithRetry, TheDelayTravels) {
  const absl::Status status = WithRetry(absl::ResourceExhaustedError("full"), milliseconds(1250));
  EXPECT_EQ(RetryDelay(status), milliseconds(1250));
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(DetailsOf(ToGrpcStatus(status)).details(0).UnpackTo(&retry));
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 250'000'000);
  EXPECT_EQ(RetryDelay(absl::ResourceExhaustedError("full")), std::nullopt);
}

TEST(ToGrpcStatus, KeepsCodeAndMessage) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  const grpc::Status status = ToGrpcStatus(absl::NotFoundError("no such model"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "no such model");
  EXPECT_EQ(status.error_details(), "");
}

}  // namespace
}  // namespace lingula
