// A server whose models come and go, its ModelAdmin, and callers that do not stop.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "lingula/v1/admin.grpc.pb.h"
#include "tests/e2e/server_fixture.h"
#include "tests/server/service/fake_repository.h"

namespace lingula::test {

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

class LifecycleTest : public ServerTest {
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
    auto server = Server::Start(config_, Sources(FakeSource("xray", "1", &engine_)), Clock::Real(),
                                repository_.supply());
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
    Connect();
    ASSERT_TRUE(server_->admin_port().has_value());
    admin_ = v1::ModelAdmin::NewStub(grpc::CreateChannel(
        absl::StrCat("127.0.0.1:", *server_->admin_port()), grpc::InsecureChannelCredentials()));
  }
  void TearDown() override {
    repository_.Release();
    server_.reset();  // it looks at the repository
  }

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
  grpc::Status StartShadow(const v1::StartShadowRequest& request) {
    return Call(&v1::ModelAdmin::StubInterface::StartShadow, request);
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

  FakeRepository repository_;
  std::unique_ptr<v1::ModelAdmin::Stub> admin_;
};

}  // namespace lingula::test
