// Calls whose bytes are ready before they are sent. A load generator that runs beside its server
// takes the server's time: so it serialises each request once, shares the bytes between calls, and
// looks into answers only where somebody asks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lingula/v1/segmentation.pb.h"

namespace lingula::bench {

extern const char kSegmentMethod[];  // as gRPC writes it in the path of a call

// A request without an id of its own.
class Payload {
 public:
  explicit Payload(const lingula::v1::SegmentRequest& request);

  // The shared bytes, behind `request_id` unless that is empty.
  grpc::ByteBuffer Buffer(absl::string_view request_id = "") const;
  size_t bytes() const { return bytes_.size(); }

 private:
  grpc::Slice bytes_;
};

// Several connections to one server, as several callers have. Thread-safe.
class Connections {
 public:
  // `target` is host:port. Connects when first used, never through a proxy.
  Connections(const std::string& target, int count);

  int count() const { return static_cast<int>(stubs_.size()); }
  // Any number: they are taken in turn.
  grpc::GenericStub& stub(size_t number) { return *stubs_[number % stubs_.size()]; }

 private:
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
};

// Code and message, behind "`what`: " where that is given.
absl::Status StatusOf(const grpc::Status& status, absl::string_view what = "");

// False when the bytes are no SegmentResponse. Copies `bytes` cheaply: reading takes them apart.
bool ParseAnswer(grpc::ByteBuffer bytes, lingula::v1::SegmentResponse& response);

}  // namespace lingula::bench
