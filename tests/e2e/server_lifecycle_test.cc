// Models that come and go while callers keep calling.
#include <atomic>
#include <thread>
#include <vector>

#include "grpc/health/v1/health.grpc.pb.h"
#include "lingula/v1/admin.grpc.pb.h"
#include "tests/e2e/server_fixture.h"
#include "tests/server/service/fake_repository.h"

namespace lingula {
namespace {

using grpc::StatusCode;
using grpc::health::v1::HealthCheckResponse;
using test::GoodPng;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Calls without pause until it is stopped, and keeps what went wrong.
class Callers {
 public:
  Callers(v1::Segmentation::Stub& stub, std::vector<std::string> models) {
    for (const std::string& model : models) {
      threads_.emplace_back([this, &stub, model] {
        v1::SegmentRequest request;
        request.mutable_image()->set_encoded(GoodPng());
        request.set_model(model);
        while (!stop_) {
          grpc::ClientContext context;
          v1::SegmentResponse response;
          Note(model, stub.Segment(&context, request, &response));
        }
      });
    }
  }
  ~Callers() { Stop(); }

  // What failed, one line each; empty: nothing.
  std::string Stop() {
    stop_ = true;
    for (std::thread& thread : threads_) {
      thread.join();
    }
    threads_.clear();
    MutexLock lock(mu_);
    return failed_;
  }
  // Waits until `calls` more are answered, so that what happens in between happens under load.
  void WaitFor(int calls) {
    MutexLock lock(mu_);
    const int end = answered_ + calls;
    while (answered_ < end) {
      changed_.Wait(mu_);
    }
  }

 private:
  void Note(const std::string& model, const grpc::Status& status) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    ++answered_;
    changed_.NotifyAll();
    if (!status.ok()) {
      absl::StrAppend(&failed_, model, ": ", status.error_message(), "\n");
    }
  }

  std::atomic<bool> stop_{false};
  Mutex mu_;
  CondVar changed_;
  int answered_ ABSL_GUARDED_BY(mu_) = 0;
  std::string failed_ ABSL_GUARDED_BY(mu_);
  std::vector<std::thread> threads_;  // last: they use everything above
};

class LifecycleTest : public test::ServerTest {
 protected:
  LifecycleTest() {
    for (const char* version : {"1", "2", "3"}) {
      repository_.Put("xray", version);
    }
    config_.admin_port = 0;
    config_.model_repository = repository_.folder();
    config_.batching.max_queued = 64;
  }
  void SetUp() override {
    auto server = Server::Start(config_, test::Sources(test::FakeSource("xray", "1", &engine_)),
                                Clock::Real(), repository_.supply());
    ASSERT_THAT(server, test::IsOk());
    server_ = *std::move(server);
    Connect();
    ASSERT_TRUE(server_->admin_port().has_value());
    admin_ = v1::ModelAdmin::NewStub(grpc::CreateChannel(
        absl::StrCat("127.0.0.1:", *server_->admin_port()), grpc::InsecureChannelCredentials()));
  }
  void TearDown() override { repository_.Release(); }

  // One call of ModelAdmin: LoadModel({name, version, ...}).
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (v1::ModelAdmin::StubInterface::*method)(grpc::ClientContext*,
                                                                          const Request&,
                                                                          Response*),
                    const Request& request, Response* response = nullptr) {
    grpc::ClientContext context;
    Response ignored;
    return (admin_.get()->*method)(&context, request, response != nullptr ? response : &ignored);
  }
  grpc::Status Load(const std::string& version, bool hold_back = false) {
    v1::LoadModelRequest request;
    request.set_name("xray");
    request.set_version(version);
    request.set_hold_back(hold_back);
    return Call(&v1::ModelAdmin::StubInterface::LoadModel, request);
  }
  grpc::Status Unload(const std::string& version, bool force = false) {
    v1::UnloadModelRequest request;
    request.set_name("xray");
    request.set_version(version);
    request.set_force(force);
    return Call(&v1::ModelAdmin::StubInterface::UnloadModel, request);
  }
  grpc::Status Reload() {
    v1::ReloadModelRequest request;
    request.set_name("xray");
    return Call(&v1::ModelAdmin::StubInterface::ReloadModel, request);
  }
  grpc::Status Rollback() {
    v1::RollbackRequest request;
    request.set_name("xray");
    return Call(&v1::ModelAdmin::StubInterface::Rollback, request);
  }
  grpc::Status Alias(const std::string& alias, const std::string& version) {
    v1::SetAliasRequest request;
    request.set_name("xray");
    request.set_alias(alias);
    request.set_version(version);
    return Call(&v1::ModelAdmin::StubInterface::SetAlias, request);
  }
  grpc::Status Default(const std::string& model) {
    v1::SetDefaultRequest request;
    request.set_modality(v1::MODALITY_CHEST_XRAY);
    request.set_model(model);
    return Call(&v1::ModelAdmin::StubInterface::SetDefault, request);
  }
  // Of whoever answers `model`.
  std::string Version(const std::string& model) {
    v1::SegmentRequest request = Request(GoodPng());
    request.set_model(model);
    v1::SegmentResponse response;
    const grpc::Status status = Segment(request, &response);
    return status.ok() ? response.model().version() : status.error_message();
  }

  test::FakeRepository repository_;
  std::unique_ptr<v1::ModelAdmin::Stub> admin_;
};

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
