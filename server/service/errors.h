// Errors with details: inside the server they ride in absl::Status as payloads, and leave it as
// google.rpc.Status in grpc-status-details-bin.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace lingula {

// Collects what is wrong with the fields of a request.
class FieldProblems {
 public:
  // `field` as in the .proto, joined by dots; `what` says what is allowed. Never put the caller's
  // own text into it: field contents may identify a patient.
  void Add(absl::string_view field, absl::string_view what);
  // OK, or INVALID_ARGUMENT with a google.rpc.BadRequest.
  absl::Status status() const;

 private:
  std::vector<std::pair<std::string, std::string>> problems_;
};

// `status` with a BadRequest for `field` when it is INVALID_ARGUMENT or OUT_OF_RANGE, else
// unchanged.
absl::Status WithField(absl::Status status, absl::string_view field);

// `status` with a google.rpc.RetryInfo: `delay` in whole milliseconds, 1 to 60,000.
absl::Status WithRetry(absl::Status status, std::chrono::microseconds delay);
// The delay of WithRetry.
std::optional<std::chrono::milliseconds> RetryDelay(const absl::Status& status);

// Tells gRPC's own retries of WithRetry: "grpc-retry-pushback-ms" in the trailing metadata.
void AddPushback(const absl::Status& status, grpc::ServerContextBase& context);

// Same code and message; payloads become details.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace lingula
