#include "client/grpc_status.h"

#include "absl/strings/cord.h"

namespace lingula {

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) {
    details.Clear();  // the code and message stand alone
  }
  return details;
}

absl::Status StatusFrom(const grpc::Status& status) {
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  const google::rpc::Status details = DetailsOf(status);
  for (const google::protobuf::Any& detail : details.details()) {
    result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return result;
}

}  // namespace lingula
