#include "tests/bench/echo.h"

#include <utility>

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/byte_buffer.h>

#include "tests/bench/server_child.h"

namespace lingula::bench {
namespace {

class EchoCall final : public grpc::ServerGenericBidiReactor {
 public:
  EchoCall(const grpc::ByteBuffer& answer, const std::function<void()>& work)
      : answer_(answer), work_(work) {
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (ok) {
      work_();
      StartWriteAndFinish(&answer_, grpc::WriteOptions(), grpc::Status::OK);
    } else {
      Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the caller sent nothing"));
    }
  }
  void OnDone() override { delete this; }

 private:
  grpc::ByteBuffer request_;
  const grpc::ByteBuffer answer_;  // shares the bytes
  const std::function<void()>& work_;
};

}  // namespace

class EchoServer::Service final : public grpc::CallbackGenericService {
 public:
  Service(const v1::SegmentResponse& answer, std::function<void()> work) : work_(std::move(work)) {
    const grpc::Slice bytes(answer.SerializeAsString());
    answer_ = grpc::ByteBuffer(&bytes, 1);
  }
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new EchoCall(answer_, work_);
  }

 private:
  const std::function<void()> work_;
  grpc::ByteBuffer answer_;
};

EchoServer::EchoServer() = default;

EchoServer::~EchoServer() {
  if (server_ != nullptr) {
    server_->Shutdown();
    server_->Wait();
  }
}

absl::StatusOr<std::unique_ptr<EchoServer>> EchoServer::Start(const v1::SegmentResponse& answer,
                                                              std::function<void()> work) {
  std::unique_ptr<EchoServer> echo(new EchoServer());
  echo->service_ = std::make_unique<Service>(answer, std::move(work));
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(echo->service_.get());
  echo->server_ = builder.BuildAndStart();
  if (echo->server_ == nullptr || port == 0) {
    return absl::InternalError("the echo server cannot listen on any port of 127.0.0.1");
  }
  echo->stub_ = v1::Segmentation::NewStub(ConnectTo(port));
  return echo;
}

}  // namespace lingula::bench
