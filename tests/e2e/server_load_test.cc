// Callers that leave, callers that are too many, and a server that goes.
#include <chrono>
#include <future>
#include <thread>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/e2e/server_fixture.h"

namespace lingula {
namespace {

using grpc::StatusCode;
using test::Call;
using test::GoodPng;
using testing::HasSubstr;

class LoadTest : public test::ServerTest {};

// On a busy machine a call may expire before it leaves the client: the next try gives more time.
TEST_F(LoadTest, AnExpiredDeadlineIsCountedAndHarmsNobody) {
  bool counted = false;
  for (int attempt = 0; attempt < 6 && !counted; ++attempt) {
    engine_->Block();
    const size_t before = engine_->batch_sizes().size();
    Call first(*segmentation_, Request(GoodPng()));
    engine_->WaitForBatches(before + 1);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::milliseconds(50 << attempt));
    v1::SegmentResponse response;
    // Returns when the deadline has passed, which the held engine makes certain.
    EXPECT_EQ(segmentation_->Segment(&context, Request(GoodPng()), &response).error_code(),
              StatusCode::DEADLINE_EXCEEDED);
    engine_->Release();
    EXPECT_EQ(first.Code(), StatusCode::OK);
    EXPECT_TRUE(Segment(Request(GoodPng())).ok());  // behind the expired one
    counted = Scrape().find(R"(lingula_expired_total{model="xray@1"} 1)") != std::string::npos;
  }
  EXPECT_TRUE(counted);
}

// gRPC brings a cancellation to the server at its own pace, so a try may come too late and be
// answered OK; a server that never looks would fail every one of them.
TEST_F(LoadTest, ACancelledCallIsCountedAndHarmsNobody) {
  bool counted = false;
  for (int attempt = 0; attempt < 100 && !counted; ++attempt) {
    engine_->Block();
    const size_t before = engine_->batch_sizes().size();  // the batch may be there after the call
    Call gone(*segmentation_, Request(GoodPng()));
    engine_->WaitForBatches(before + 1);
    gone.context().TryCancel();
    EXPECT_EQ(gone.Code(), StatusCode::CANCELLED);
    for (int i = 0; i < 3; ++i) {  // calls on the same connection, behind the cancellation
      grpc::ClientContext context;
      v1::ListModelsResponse models;
      EXPECT_TRUE(models_->ListModels(&context, {}, &models).ok());
    }
    engine_->Release();
    EXPECT_TRUE(Segment(Request(GoodPng())).ok());
    counted = server_->metrics().Text().find(R"(lingula_cancelled_total{model="xray@1"} 1)") !=
              std::string::npos;
  }
  EXPECT_TRUE(counted);
}

// max_queued is 2: with the engine held, none is answered and two may wait, so that one of three
// more is refused, whichever it is.
TEST_F(LoadTest, AFullQueueTellsWhenToComeBack) {
  engine_->Block();
  Call first(*segmentation_, Request(GoodPng()));
  engine_->WaitForBatches(1);
  std::promise<Call*> first_done;
  std::atomic<bool> told{false};
  std::vector<std::unique_ptr<Call>> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(std::make_unique<Call>(*segmentation_, Request(GoodPng()), [&](Call& done) {
      if (!told.exchange(true)) {
        first_done.set_value(&done);
      }
    }));
  }
  Call& call = *first_done.get_future().get();
  const grpc::Status status = call.Wait();
  EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  const auto& metadata = call.context().GetServerTrailingMetadata();
  const auto pushback = metadata.find("grpc-retry-pushback-ms");
  ASSERT_NE(pushback, metadata.end());
  const int pushback_ms = std::stoi(std::string(pushback->second.data(), pushback->second.size()));
  EXPECT_GE(pushback_ms, 1);
  google::rpc::Status details;
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  ASSERT_EQ(details.details_size(), 1);
  ASSERT_TRUE(details.details(0).UnpackTo(&retry));
  EXPECT_EQ(retry.retry_delay().seconds() * 1000 + retry.retry_delay().nanos() / 1'000'000,
            pushback_ms);
  engine_->Release();
  EXPECT_EQ(first.Code(), StatusCode::OK);
  int answered = 0;
  for (const auto& one : waiting) {
    answered += one->Wait().ok() ? 1 : 0;
  }
  EXPECT_EQ(answered, 2);
  EXPECT_TRUE(Segment(Request(GoodPng())).ok());
}

TEST_F(LoadTest, DrainingAnswersWhatWasAcceptedAndRefusesTheRest) {
  const auto health = grpc::health::v1::Health::NewStub(channel_);
  grpc::ClientContext context;
  const auto watch = health->Watch(&context, {});
  grpc::health::v1::HealthCheckResponse state;
  ASSERT_TRUE(watch->Read(&state));
  EXPECT_EQ(state.status(), grpc::health::v1::HealthCheckResponse::SERVING);
  engine_->Block();
  Call accepted(*segmentation_, Request(GoodPng()));
  engine_->WaitForBatches(1);
  std::thread drain([this] { server_->Drain(); });
  ASSERT_TRUE(watch->Read(&state));
  EXPECT_EQ(state.status(), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Segment(Request(GoodPng())).error_code(), StatusCode::UNAVAILABLE);
  EXPECT_FALSE(watch->Read(&state));
  EXPECT_EQ(watch->Finish().error_code(), StatusCode::UNAVAILABLE);
  engine_->Release();
  EXPECT_EQ(accepted.Code(), StatusCode::OK);
  drain.join();
  EXPECT_THAT(Scrape(), HasSubstr(R"(code="OK",method="Segment",model="xray@1"} 1)"));
}

TEST_F(LoadTest, ManyCallersShareBatches) {
  config_.batching.max_batch_size = 8;
  config_.batching.max_queued = 64;
  server_.reset();
  SetUp();
  engine_->Block();
  std::vector<std::unique_ptr<Call>> calls;
  calls.push_back(std::make_unique<Call>(*segmentation_, Request(GoodPng())));
  engine_->WaitForBatches(1);
  for (int i = 0; i < 40; ++i) {
    calls.push_back(std::make_unique<Call>(*segmentation_, Request(GoodPng())));
  }
  engine_->Release();
  for (const auto& call : calls) {
    EXPECT_EQ(call->Code(), StatusCode::OK);
    EXPECT_EQ(call->response().masks(0).png(), calls[0]->response().masks(0).png());
  }
}

TEST(ServerStart, ATakenPortIsRefused) {
  ServerConfig config;
  config.port = 0;
  config.metrics_port = 0;
  const auto first = Server::Start(config, test::Sources(test::FakeSource("xray", "1")));
  ASSERT_THAT(first, test::IsOk());
  config.port = (*first)->port();
  EXPECT_THAT(Server::Start(config, test::Sources(test::FakeSource("xray", "1"))),
              test::StatusIs(absl::StatusCode::kUnavailable, HasSubstr(absl::StrCat(config.port))));
}

}  // namespace
}  // namespace lingula
