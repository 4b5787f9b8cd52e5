#include "server/service/errors.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace lingula {
namespace {

constexpr char kBadRequest[] = "type.googleapis.com/google.rpc.BadRequest";
constexpr char kRetryInfo[] = "type.googleapis.com/google.rpc.RetryInfo";

}  // namespace

void FieldProblems::Add(absl::string_view field, absl::string_view what) {
  problems_.emplace_back(field, what);
}

absl::Status FieldProblems::status() const {
  if (problems_.empty()) {
    return absl::OkStatus();
  }
  google::rpc::BadRequest details;
  std::string message;
  for (const auto& [field, what] : problems_) {
    absl::StrAppend(&message, message.empty() ? "" : "; ", field, ": ", what);
    google::rpc::BadRequest::FieldViolation& violation = *details.add_field_violations();
    violation.set_field(field);
    violation.set_description(what);
  }
  absl::Status status = absl::InvalidArgumentError(message);
  status.SetPayload(kBadRequest, absl::Cord(details.SerializeAsString()));
  return status;
}

absl::Status WithField(absl::Status status, absl::string_view field) {
  if (!absl::IsInvalidArgument(status) && !absl::IsOutOfRange(status)) {
    return status;
  }
  google::rpc::BadRequest details;
  google::rpc::BadRequest::FieldViolation& violation = *details.add_field_violations();
  violation.set_field(std::string(field));
  violation.set_description(std::string(status.message()));
  status.SetPayload(kBadRequest, absl::Cord(details.SerializeAsString()));
  return status;
}

absl::Status WithRetry(absl::Status status, std::chrono::microseconds exact) {
  using std::chrono::milliseconds;
  const milliseconds delay =
      std::clamp(std::chrono::ceil<milliseconds>(exact), milliseconds(1), milliseconds(60'000));
  google::rpc::RetryInfo details;
  details.mutable_retry_delay()->set_seconds(delay.count() / 1000);
  details.mutable_retry_delay()->set_nanos(static_cast<int>(delay.count() % 1000) * 1'000'000);
  status.SetPayload(kRetryInfo, absl::Cord(details.SerializeAsString()));
  return status;
}

std::optional<std::chrono::milliseconds> RetryDelay(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kRetryInfo);
  google::rpc::RetryInfo details;
  if (!payload.has_value() || !details.ParseFromString(std::string(*payload))) {
    return std::nullopt;
  }
  return std::chrono::milliseconds(details.retry_delay().seconds() * 1000 +
                                   details.retry_delay().nanos() / 1'000'000);
}

void AddPushback(const absl::Status& status, grpc::ServerContextBase& context) {
  if (const auto delay = RetryDelay(status)) {
    context.AddTrailingMetadata("grpc-retry-pushback-ms", absl::StrCat(delay->count()));
  }
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) {
    return grpc::Status::OK;
  }
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(std::string(status.message()));
  status.ForEachPayload([&details](absl::string_view type_url, const absl::Cord& value) {
    google::protobuf::Any& any = *details.add_details();
    any.set_type_url(std::string(type_url));
    any.set_value(std::string(value));
  });
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
                      details.details().empty() ? "" : details.SerializeAsString());
}

}  // namespace lingula
