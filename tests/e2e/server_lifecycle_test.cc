// Models that come and go while callers keep calling.
#include <thread>

#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/e2e/lifecycle_fixture.h"

namespace lingula {
namespace {

using grpc::StatusCode;
using grpc::health::v1::HealthCheckResponse;
using test::Callers;
using test::GoodPng;
using test::LifecycleTest;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST_F(LifecycleTest, NoCallFailsWhileModelsComeAndGo) {
  ASSERT_TRUE(Alias("stable", "1").ok());
  Callers callers(*segmentation_, {"", "xray", "xray@stable", "xray"});
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(Load("2").ok());
    callers.WaitFor(8);
    ASSERT_TRUE(Alias("stable", "2").ok());
    ASSERT_TRUE(Default("xray@stable").ok());
    ASSERT_TRUE(Reload().ok());
    callers.WaitFor(8);
    ASSERT_TRUE(Unload("1").ok());
    callers.WaitFor(8);
    ASSERT_TRUE(Rollback().ok()) << "the default";
    ASSERT_TRUE(Rollback().ok()) << "the alias, for which version 1 is loaded again";
    ASSERT_TRUE(Rollback().ok()) << "the version that serves";
    callers.WaitFor(8);
    EXPECT_EQ(Version("xray"), "1");
    ASSERT_TRUE(Unload("2").ok());
  }
  EXPECT_EQ(callers.Stop(), "");
}

TEST_F(LifecycleTest, TheListSaysWhatLeadsToAModel) {
  ASSERT_TRUE(Load("2").ok());
  ASSERT_TRUE(Alias("stable", "1").ok());
  grpc::ClientContext context;
  v1::ListModelsResponse list;
  ASSERT_TRUE(models_->ListModels(&context, {}, &list).ok());
  ASSERT_EQ(list.models_size(), 2);
  EXPECT_FALSE(list.models(0).answers_to_name());
  EXPECT_THAT(list.models(0).aliases(), testing::ElementsAre("stable"));
  EXPECT_TRUE(list.models(1).answers_to_name());
  EXPECT_TRUE(list.models(1).is_default());
  EXPECT_THAT(list.models(1).aliases(), testing::IsEmpty());
}

TEST_F(LifecycleTest, ABrokenBundleLeavesTheOldVersionServing) {
  repository_.Break("xray@2", absl::InvalidArgumentError("weights.safetensors: tensor a.weight"));
  Callers callers(*segmentation_, {"xray", ""});
  const grpc::Status status = Load("2");
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(),
              AllOf(HasSubstr("tensor a.weight"), Not(HasSubstr(repository_.folder()))));
  callers.WaitFor(4);
  EXPECT_EQ(callers.Stop(), "");
  EXPECT_EQ(Version("xray"), "1");
  v1::GetStatusResponse states;
  ASSERT_TRUE(
      Call(&v1::ModelAdmin::StubInterface::GetStatus, v1::GetStatusRequest(), &states).ok());
  ASSERT_EQ(states.models_size(), 2);
  EXPECT_EQ(states.models(0).state(), v1::MODEL_STATE_SERVING);
  EXPECT_EQ(states.models(1).state(), v1::MODEL_STATE_FAILED);
  EXPECT_THAT(states.models(1).reason(), HasSubstr("tensor a.weight"));
  EXPECT_THAT(Scrape(),
              AllOf(HasSubstr(R"(lingula_model_state{model="xray@2",state="failed"} 1)"),
                    HasSubstr(R"(lingula_model_state{model="xray@1",state="serving"} 1)")));
}

TEST_F(LifecycleTest, AnOldVersionFinishesWhatItBegan) {
  engine_->Block();
  test::Call begun(*segmentation_, Request(GoodPng()));
  engine_->WaitForBatches(1);
  ASSERT_TRUE(Load("2").ok());
  ASSERT_TRUE(Unload("1").ok());
  EXPECT_EQ(Version("xray"), "2");
  EXPECT_THAT(Scrape(), HasSubstr(R"(lingula_model_state{model="xray@1",state="draining"} 1)"));
  engine_->Release();
  EXPECT_EQ(begun.Code(), StatusCode::OK);
  EXPECT_EQ(begun.response().model().version(), "1");
}

TEST_F(LifecycleTest, HealthFollowsTheModels) {
  const auto health = grpc::health::v1::Health::NewStub(channel_);
  grpc::health::v1::HealthCheckRequest request;
  request.set_service("lingula.v1.Segmentation/xray");
  grpc::ClientContext context;
  const auto watch = health->Watch(&context, request);
  HealthCheckResponse state;
  ASSERT_TRUE(watch->Read(&state));
  EXPECT_EQ(state.status(), HealthCheckResponse::SERVING);
  ASSERT_TRUE(Unload("1", /*force=*/true).ok());
  ASSERT_TRUE(watch->Read(&state));
  EXPECT_EQ(state.status(), HealthCheckResponse::SERVICE_UNKNOWN);
  EXPECT_EQ(Segment(Request(GoodPng())).error_code(), StatusCode::NOT_FOUND);
  repository_.Hold();
  std::thread load([this] { EXPECT_TRUE(Load("2").ok()); });
  ASSERT_TRUE(watch->Read(&state));
  EXPECT_EQ(state.status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Segment(Request(GoodPng())).error_code(), StatusCode::NOT_FOUND);
  repository_.Release();
  ASSERT_TRUE(watch->Read(&state));
  EXPECT_EQ(state.status(), HealthCheckResponse::SERVING);
  load.join();
  EXPECT_EQ(Version(""), "2");
  context.TryCancel();
}

TEST_F(LifecycleTest, AWatchedRepositoryIsFollowedUnderLoad) {
  server_.reset();
  config_.repository_poll = std::chrono::milliseconds(1);
  SetUp();
  Callers callers(*segmentation_, {"", "xray"});
  while (Version("xray") != "3") {
  }
  repository_.Put("xray", "4");
  while (Version("xray") != "4") {
  }
  repository_.Take("xray", "4");
  while (Version("xray") != "3") {
  }
  EXPECT_EQ(callers.Stop(), "");
}

TEST_F(LifecycleTest, DrainingAnswersLoadsThatWait) {
  repository_.Hold();
  std::thread running([this] { EXPECT_TRUE(Load("2").ok()); });
  repository_.WaitForLoads(1);
  std::thread waiting([this] { EXPECT_EQ(Load("3").error_code(), StatusCode::UNAVAILABLE); });
  std::thread drain([this] { server_->Drain(); });
  waiting.join();
  repository_.Release();
  running.join();
  drain.join();
}

}  // namespace
}  // namespace lingula
