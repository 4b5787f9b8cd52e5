// What gRPC itself costs: the same bytes there and back, looked at by nobody.
#pragma once

#include <functional>
#include <memory>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>

#include "absl/status/statusor.h"
#include "lingula/v1/segmentation.grpc.pb.h"

namespace lingula::bench {

// Answers every call, whatever its method, with the bytes of one answer, after some work on gRPC's
// own thread. It takes the request as bytes; its stub is the one that real calls use, so that the
// caller's share is the same.
class EchoServer {
 public:
  using Stub = lingula::v1::Segmentation::Stub;

  // INTERNAL when it cannot listen.
  static absl::StatusOr<std::unique_ptr<EchoServer>> Start(
      const lingula::v1::SegmentResponse& answer, std::function<void()> work = [] {});
  ~EchoServer();

  Stub& stub() { return *stub_; }

 private:
  class Service;
  EchoServer();

  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Stub> stub_;
};

}  // namespace lingula::bench
