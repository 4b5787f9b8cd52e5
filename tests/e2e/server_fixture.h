// A whole server on free ports with a FakeEngine, and a client of its own.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "absl/strings/str_cat.h"
#include "lingula/v1/models.grpc.pb.h"
#include "lingula/v1/segmentation.grpc.pb.h"
#include "server/server.h"
#include "tests/server/service/fake_models.h"
#include "tests/support/status_matchers.h"

namespace lingula::test {

// One call that runs while the test goes on. `on_done` is called, on a thread of gRPC's, just
// before Wait() returns.
class Call {
 public:
  Call(
      v1::Segmentation::Stub& stub, const v1::SegmentRequest& request,
      std::function<void(Call&)> on_done = [](Call&) {})
      : request_(request) {
    stub.async()->Segment(&context_, &request_, &response_, [this, on_done](grpc::Status status) {
      on_done(*this);
      MutexLock lock(mu_);
      status_ = std::move(status);
      done_ = true;
      changed_.NotifyAll();
    });
  }
  // A test that failed early may leave while the engine is held.
  ~Call() {
    context_.TryCancel();
    Wait();
  }

  grpc::Status Wait() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (!done_) {
      changed_.Wait(mu_);
    }
    return status_;
  }
  grpc::StatusCode Code() { return Wait().error_code(); }
  grpc::ClientContext& context() { return context_; }
  const v1::SegmentResponse& response() const { return response_; }

 private:
  grpc::ClientContext context_;
  const v1::SegmentRequest request_;
  v1::SegmentResponse response_;
  Mutex mu_;
  CondVar changed_;
  bool done_ ABSL_GUARDED_BY(mu_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mu_);
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    config_.port = 0;
    config_.metrics_port = 0;
    config_.image_threads = 1;  // so that answers leave in the order of their batches
    config_.max_image_pixels = 1'000'000;
    config_.batching.max_batch_size = 2;
    config_.batching.max_queued = 2;
  }

  void SetUp() override {
    auto server = Server::Start(config_, Sources(FakeSource("xray", "1", &engine_)));
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
    Connect();
  }
  void Connect() {
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                   grpc::InsecureChannelCredentials());
    segmentation_ = v1::Segmentation::NewStub(channel_);
    models_ = v1::Models::NewStub(channel_);
  }
  void TearDown() override { engine_->Release(); }

  static v1::SegmentRequest Request(const std::string& file) {
    v1::SegmentRequest request;
    request.mutable_image()->set_encoded(file);
    return request;
  }
  grpc::Status Segment(const v1::SegmentRequest& request, v1::SegmentResponse* response = nullptr) {
    grpc::ClientContext context;
    v1::SegmentResponse ignored;
    return segmentation_->Segment(&context, request, response != nullptr ? response : &ignored);
  }

  // What a Prometheus server would read.
  std::string Scrape() const {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(server_->metrics_port()));
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    const std::string request = "GET /metrics HTTP/1.0\r\n\r\n";
    EXPECT_EQ(write(fd, request.data(), request.size()), static_cast<ssize_t>(request.size()));
    std::string answer;
    char buffer[4096];
    for (ssize_t got; (got = read(fd, buffer, sizeof(buffer))) > 0;) {
      answer.append(buffer, static_cast<size_t>(got));
    }
    close(fd);
    return answer;
  }

  ServerConfig config_;
  FakeEngine* engine_ = nullptr;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Segmentation::Stub> segmentation_;
  std::unique_ptr<v1::Models::Stub> models_;
};

}  // namespace lingula::test
