#include "tests/bench/wire.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include "absl/strings/str_cat.h"

namespace lingula::bench {

const char kSegmentMethod[] = "/lingula.v1.Segmentation/Segment";

Payload::Payload(const v1::SegmentRequest& request) {
  v1::SegmentRequest nameless = request;
  nameless.clear_request_id();
  bytes_ = grpc::Slice(nameless.SerializeAsString());
}

// Fields may come in any order and messages may be cut anywhere, so an id in front is enough.
grpc::ByteBuffer Payload::Buffer(absl::string_view request_id) const {
  if (request_id.empty()) {
    return grpc::ByteBuffer(&bytes_, 1);
  }
  v1::SegmentRequest id;
  id.set_request_id(std::string(request_id));
  const grpc::Slice slices[] = {grpc::Slice(id.SerializeAsString()), bytes_};
  return grpc::ByteBuffer(slices, 2);
}

Connections::Connections(const std::string& target, int count) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // else all share one connection
  arguments.SetMaxReceiveMessageSize(-1);
  for (int i = 0; i < count; ++i) {
    stubs_.push_back(std::make_unique<grpc::GenericStub>(
        grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments)));
  }
}

bool ParseAnswer(grpc::ByteBuffer bytes, v1::SegmentResponse& response) {
  grpc::ProtoBufferReader reader(&bytes);
  return reader.status().ok() && response.ParseFromZeroCopyStream(&reader);
}

absl::Status StatusOf(const grpc::Status& status, absl::string_view what) {
  return absl::Status(
      static_cast<absl::StatusCode>(status.error_code()),
      what.empty() ? status.error_message() : absl::StrCat(what, ": ", status.error_message()));
}

}  // namespace lingula::bench
