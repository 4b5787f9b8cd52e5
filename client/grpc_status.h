// gRPC's status as ours.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"

namespace lingula {

// What the server said beside code and message; empty when it is of somebody else's making.
google::rpc::Status DetailsOf(const grpc::Status& status);

// Code and message, details as payloads under their type URL.
absl::Status StatusFrom(const grpc::Status& status);

}  // namespace lingula
