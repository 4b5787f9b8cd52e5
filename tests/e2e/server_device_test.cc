// A whole server on a made-up GPU, with a shipped network and real pictures, through a real port.
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "grpc/health/v1/health.grpc.pb.h"
#include "model/backend/load_engine.h"
#include "model/base/file.h"
#include "server/load_models.h"
#include "server/stop_signal.h"
#include "tests/e2e/server_fixture.h"
#include "tests/support/fake_device_module.h"
#include "tests/support/status_matchers.h"

namespace lingula::test {
namespace {

using grpc::health::v1::HealthCheckResponse;
using testing::HasSubstr;

constexpr char kXray[] = "tests/testdata/xray/a2eba651.jpg";

class ServerDeviceTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { ConfigureCompute(1); }

  ServerDeviceTest() {
    config_.port = config_.metrics_port = 0;
    config_.models = {{"cxr-sgseg-compact", "1"}};
    config_.precision = config_.gpu_precision = Precision::kFloat32;
    config_.gpus = {{0, 1}};
    board_.OnLost([this](const absl::Status& why) { stop_.Fail(why); });
  }
  ~ServerDeviceTest() override { gpu_.Release(); }

  Gpus MadeUp() {
    Gpus gpus;
    gpus.module = &module_;
    gpus.board = &board_;
    return gpus;
  }
  void Start(const Gpus& gpus) {
    auto models = LoadModels(config_, gpus);
    ASSERT_THAT(models, IsOk());
    // As on a GPU, where many samples take no longer than one: so batches grow.
    models->front().costs = {{1, std::chrono::milliseconds(100)},
                             {8, std::chrono::milliseconds(100)}};
    auto server =
        Server::Start(config_, *std::move(models), Clock::Real(), SupplyFrom(config_, gpus));
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                   grpc::InsecureChannelCredentials());
    stub_ = v1::Segmentation::NewStub(channel_);
  }
  std::unique_ptr<Call> Send() {
    v1::SegmentRequest request;
    request.mutable_image()->set_encoded(*ReadFile(kXray));
    request.add_mask_formats(v1::MASK_FORMAT_COCO_RLE);
    return std::make_unique<Call>(*stub_, request);
  }
  // `count` calls of which the first is in the network while the others wait for it.
  std::vector<std::unique_ptr<Call>> SendBehindOne(int count) {
    gpu_.Hold();
    const int before = gpu_.runs();
    std::vector<std::unique_ptr<Call>> calls;
    calls.push_back(Send());
    gpu_.WaitForRuns(before + 1);
    for (int i = 1; i < count; ++i) {
      calls.push_back(Send());
    }
    const ModelHandle model = server_->models().models().front();
    while (model->queue().depth() < count - 1) {
      std::this_thread::yield();
    }
    return calls;
  }
  HealthCheckResponse::ServingStatus Health() {
    const auto health = grpc::health::v1::Health::NewStub(channel_);
    grpc::ClientContext context;
    HealthCheckResponse response;
    const grpc::Status status = health->Check(&context, {}, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.status();
  }

  StopSignal stop_;
  FakeGpu gpu_;
  const FakeDeviceModule module_{gpu_};
  DeviceBoard board_;
  ServerConfig config_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Segmentation::Stub> stub_;
};

TEST_F(ServerDeviceTest, MasksEqualThoseOfTheProcessor) {
  Start(MadeUp());
  const auto on_gpu = Send();
  ASSERT_EQ(on_gpu->Code(), grpc::StatusCode::OK);
  const std::string mask = on_gpu->response().masks(0).SerializeAsString();
  EXPECT_GT(gpu_.replays(), 0);
  config_.gpus.clear();
  Start(Gpus());
  const auto on_processor = Send();
  ASSERT_EQ(on_processor->Code(), grpc::StatusCode::OK);
  EXPECT_EQ(mask, on_processor->response().masks(0).SerializeAsString());
}

TEST_F(ServerDeviceTest, OutOfMemoryCostsNobodyAnAnswer) {
  Start(MadeUp());
  auto calls = SendBehindOne(9);
  gpu_.LimitTo(4);
  gpu_.Release();
  for (const auto& call : calls) {
    EXPECT_EQ(call->Code(), grpc::StatusCode::OK) << call->Wait().error_message();
  }
  EXPECT_EQ(calls.back()->response().timing().batch_size(), 8);
  const std::string text = server_->metrics().Text();
  EXPECT_THAT(text, HasSubstr(R"(lingula_device_out_of_memory_total{device="cuda:0"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(lingula_device_memory_bytes{device="cuda:0",kind="total"} 1000)"));
  EXPECT_THAT(text, HasSubstr("lingula_instance_busy_seconds_total{copy=\"0\""));
  // The next batch is cut up without trying.
  calls = SendBehindOne(9);
  gpu_.Release();
  for (const auto& call : calls) {
    EXPECT_EQ(call->Code(), grpc::StatusCode::OK);
  }
  EXPECT_EQ(board_.figures().front().out_of_memory, 1);
}

TEST_F(ServerDeviceTest, AFailureThatPassesIsNotSeen) {
  Start(MadeUp());
  gpu_.Fail(FakeGpu::Fault::kOnce);
  EXPECT_EQ(Send()->Code(), grpc::StatusCode::OK);
  EXPECT_EQ(Health(), HealthCheckResponse::SERVING);
}

TEST_F(ServerDeviceTest, ALostGpuEndsTheServerAndAnswersEverybodyOnce) {
  Start(MadeUp());
  grpc::ClientContext context;
  const auto health = grpc::health::v1::Health::NewStub(channel_);
  const auto watch = health->Watch(&context, {});
  HealthCheckResponse state;
  ASSERT_TRUE(watch->Read(&state));
  EXPECT_EQ(state.status(), HealthCheckResponse::SERVING);

  auto calls = SendBehindOne(12);
  gpu_.Fail(FakeGpu::Fault::kLost);
  absl::Status why;
  std::thread serving([&] { why = ServeUntilStopped(*server_, stop_); });
  gpu_.Release();
  ASSERT_TRUE(watch->Read(&state));
  EXPECT_EQ(state.status(), HealthCheckResponse::NOT_SERVING);
  for (const auto& call : calls) {  // a second answer would end the test program
    EXPECT_EQ(call->Code(), grpc::StatusCode::UNAVAILABLE) << call->Wait().error_message();
  }
  serving.join();
  EXPECT_THAT(why, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("cuda:0 is lost")));
}

TEST_F(ServerDeviceTest, InstancesRunAtTheSameTime) {
  config_.gpus = {{0, 2}};
  Start(MadeUp());
  gpu_.Hold();
  const int before = gpu_.runs();
  const auto first = Send();
  gpu_.WaitForRuns(before + 1);  // else both might share a batch
  const auto second = Send();
  gpu_.WaitForRuns(before + 2);  // both instances are at work
  gpu_.Release();
  EXPECT_EQ(first->Code(), grpc::StatusCode::OK);
  EXPECT_EQ(second->Code(), grpc::StatusCode::OK);
}

}  // namespace
}  // namespace lingula::test
