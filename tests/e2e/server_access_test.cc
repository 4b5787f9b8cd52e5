// Who may make which call, how often, and what everybody may.
#include <map>
#include <set>

#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include "grpc/health/v1/health.grpc.pb.h"
#include "inference/grpc_service.grpc.pb.h"
#include "lingula/v1/admin.grpc.pb.h"
#include "tests/e2e/security_fixture.h"

namespace lingula {
namespace {

using grpc::StatusCode;
using test::Call;
using test::GoodPng;
using test::SecurityTest;
using test::Settings;
using test::TestStream;
using testing::AnyOf;
using testing::Eq;
using testing::HasSubstr;

// One call with an empty message, whatever it is and answers.
grpc::Status CallEmpty(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                       const std::string& token) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  if (!token.empty()) {
    context.AddMetadata("authorization", "Bearer " + token);
  }
  grpc::CompletionQueue queue;
  const grpc::Slice nothing;
  const auto call = stub.PrepareUnaryCall(&context, path, grpc::ByteBuffer(&nothing, 1), &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, &queue);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  return status;
}

class AccessTest : public SecurityTest {
 protected:
  // Callers "segment", "read" and "admin" with that role, and their names for tokens.
  void PutOneCallerForEachRole() {
    PutCallers(Entry("segment", "segment", "roles: ROLE_SEGMENT") +
               Entry("read", "read", "roles: ROLE_READ") +
               Entry("admin", "admin", "roles: ROLE_ADMIN"));
  }
  std::shared_ptr<grpc::ChannelCredentials> Plain() { return grpc::InsecureChannelCredentials(); }
};

TEST_F(AccessTest, ATokenOpensAndNothingElseDoes) {
  PutCallers(Entry("gateway", "good", "roles: ROLE_SEGMENT"));
  Start();
  EXPECT_TRUE(SegmentOnce(Plain(), "good").ok());
  EXPECT_EQ(SegmentOnce(Plain(), "bad").error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(SegmentOnce(Plain()).error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(engine_->batch_sizes().size(), 1U) << "refused before anything was done";
  EXPECT_TRUE(MetricsHave("lingula_refused_calls_total{reason=\"unauthenticated\"} 2"));
}

TEST_F(AccessTest, ATokenThatIsTakenOutOpensNothingOnAnOpenConnection) {
  PutCallers(Entry("gateway", "old", "roles: ROLE_SEGMENT"));
  Start();
  const auto stub = v1::Segmentation::NewStub(ChannelTo(server_->port()));
  EXPECT_TRUE(SegmentWith(*stub, "old").ok());
  PutCallers(Entry("gateway", "new", "roles: ROLE_SEGMENT"));
  WaitForMetric("lingula_credential_reloads_total{file=\"callers\",outcome=\"taken\"} 2");
  EXPECT_EQ(SegmentWith(*stub, "old").error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_TRUE(SegmentWith(*stub, "new").ok());
  PutCallers("callers { name: \"gateway\"");
  WaitForMetric("lingula_credential_reloads_total{file=\"callers\",outcome=\"refused\"} 1");
  EXPECT_TRUE(SegmentWith(*stub, "new").ok()) << "half a file takes nobody out";
}

// Each method that our services have, by what it needs; "" is open. A method that is not here, or
// does not ask at the gate, fails.
const std::map<std::string, std::string>& Needed() {
  static const auto& needed = *new std::map<std::string, std::string>{
      {"/lingula.v1.Segmentation/Segment", "segment"},
      {"/lingula.v1.Segmentation/SegmentStream", "segment"},
      {"/lingula.v1.Models/ListModels", "read"},
      {"/lingula.v1.Models/GetModel", "read"},
      {"/inference.GRPCInferenceService/ServerLive", ""},
      {"/inference.GRPCInferenceService/ServerReady", ""},
      {"/inference.GRPCInferenceService/ModelReady", ""},
      {"/inference.GRPCInferenceService/ServerMetadata", "read"},
      {"/inference.GRPCInferenceService/ModelMetadata", "read"},
      {"/inference.GRPCInferenceService/ModelConfig", "read"},
      {"/inference.GRPCInferenceService/RepositoryIndex", "read"},
      {"/inference.GRPCInferenceService/ModelInfer", "segment"},
      {"/grpc.health.v1.Health/Check", ""},
  };
  return needed;
}

TEST_F(AccessTest, EveryMethodAsksForItsRole) {
  PutOneCallerForEachRole();
  config_.admin_port = 0;
  Start();
  const auto main = ChannelTo(server_->port()), admin = ChannelTo(*server_->admin_port());
  const auto* const pool = google::protobuf::DescriptorPool::generated_pool();
  int methods = 0;
  for (const char* name :
       {v1::Segmentation::service_full_name(), v1::Models::service_full_name(),
        inference::GRPCInferenceService::service_full_name(), v1::ModelAdmin::service_full_name(),
        grpc::health::v1::Health::service_full_name()}) {
    const auto* const service = pool->FindServiceByName(name);
    ASSERT_NE(service, nullptr) << name;
    const bool is_admin = name == std::string(v1::ModelAdmin::service_full_name());
    for (int i = 0; i < service->method_count(); ++i) {
      const std::string path = absl::StrCat("/", name, "/", service->method(i)->name());
      if (path == "/grpc.health.v1.Health/Watch") {
        continue;  // never ends; server_health_test.cc
      }
      const auto& channel = is_admin ? admin : main;
      const auto entry = Needed().find(path);
      const std::string role = is_admin ? "admin" : entry == Needed().end() ? "?" : entry->second;
      const grpc::Status stranger = CallEmpty(channel, path, "");
      if (role == "?") {  // known by its proto, not served
        EXPECT_EQ(stranger.error_code(), StatusCode::UNIMPLEMENTED) << path;
        continue;
      }
      ++methods;
      EXPECT_EQ(stranger.error_code() == StatusCode::UNAUTHENTICATED, !role.empty()) << path;
      for (const char* caller : {"segment", "read", "admin"}) {
        const StatusCode code = CallEmpty(channel, path, caller).error_code();
        EXPECT_NE(code, StatusCode::UNAUTHENTICATED) << path;
        EXPECT_EQ(code == StatusCode::PERMISSION_DENIED, !role.empty() && role != caller)
            << path << " as " << caller;
      }
    }
  }
  EXPECT_EQ(methods, 26);
}

TEST_F(AccessTest, WhatAnybodyMayDoIsAsConfigured) {
  PutOneCallerForEachRole();
  config_.security.gate.anonymous = {Role::kRead};
  Start();
  const auto channel = ChannelTo(server_->port());
  EXPECT_TRUE(CallEmpty(channel, "/lingula.v1.Models/ListModels", "").ok());
  EXPECT_EQ(CallEmpty(channel, "/lingula.v1.Segmentation/Segment", "").error_code(),
            StatusCode::UNAUTHENTICATED);
}

TEST_F(AccessTest, ReflectionCanBeTurnedOff) {
  for (const bool on : {true, false}) {
    config_.security.reflection = on;
    Start();
    const grpc::Status status =
        CallEmpty(ChannelTo(server_->port()),
                  "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "");
    EXPECT_EQ(status.error_code() == StatusCode::UNIMPLEMENTED, !on);
  }
}

TEST_F(AccessTest, HealthHasAPlainPortOfItsOwn) {
  UseTls(authority_.Issue());
  config_.security.health_port = 0;
  Start();
  const auto probes = ChannelTo(*server_->health_port());
  EXPECT_TRUE(CallEmpty(probes, "/grpc.health.v1.Health/Check", "").ok());
  EXPECT_EQ(CallEmpty(probes, "/lingula.v1.Segmentation/Segment", "").error_code(),
            StatusCode::UNIMPLEMENTED);
}

class LimitsTest : public SecurityTest {
 protected:
  static bool HasPushback(const grpc::ClientContext& context) {
    return context.GetServerTrailingMetadata().count("grpc-retry-pushback-ms") == 1;
  }
};

TEST_F(LimitsTest, TooManyCallsASecondAreRefusedForThatCallerOnly) {
  PutCallers(
      Entry("eager", "eager", "roles: ROLE_SEGMENT limits { calls_per_second: 1 burst: 2 }") +
      Entry("other", "other", "roles: ROLE_SEGMENT"));
  Start();
  const auto stub = v1::Segmentation::NewStub(ChannelTo(server_->port()));
  int answered = 0;
  for (bool refused = false; !refused && answered < 1000; ++answered) {
    grpc::ClientContext context;
    const grpc::Status status = SegmentWith(*stub, "eager", &context);
    refused = !status.ok();
    if (refused) {
      EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
      EXPECT_THAT(status.error_message(), HasSubstr("calls a second"));
      EXPECT_TRUE(HasPushback(context));
    }
  }
  EXPECT_GE(answered, 3) << "the burst is answered";
  EXPECT_TRUE(SegmentWith(*stub, "other").ok());
  EXPECT_TRUE(MetricsHave("lingula_refused_calls_total{reason=\"rate\"} 1"));
}

TEST_F(LimitsTest, TooManyCallsAtOnceAreRefusedUntilOneIsAnswered) {
  PutCallers(Entry("busy", "busy", "roles: ROLE_SEGMENT limits { max_calls: 1 }") +
             Entry("other", "other", "roles: ROLE_SEGMENT"));
  Start();
  const auto stub = v1::Segmentation::NewStub(ChannelTo(server_->port()));
  engine_->Block();
  std::thread first([&stub] { EXPECT_TRUE(SegmentWith(*stub, "busy").ok()); });
  engine_->WaitForBatches(1);
  grpc::ClientContext context;
  context.set_deadline(HalfAMinute());
  const grpc::Status refused = SegmentWith(*stub, "busy", &context);
  EXPECT_EQ(refused.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(refused.error_message(), HasSubstr("calls under way"));
  EXPECT_TRUE(HasPushback(context));
  std::thread other([&stub] { EXPECT_TRUE(SegmentWith(*stub, "other").ok()); });
  engine_->Release();
  first.join();
  other.join();
  for (int i = 0; i < 20; ++i) {  // each finds the place of the one before free
    EXPECT_TRUE(SegmentWith(*stub, "busy").ok());
  }
  EXPECT_TRUE(MetricsHave("lingula_refused_calls_total{reason=\"concurrency\"} 1"));
}

TEST_F(LimitsTest, StreamsOfOneCallerAreBounded) {
  config_.security.gate.each.max_streams = 1;
  Start();
  const auto stub = v1::Segmentation::NewStub(ChannelTo(server_->port()));
  {
    TestStream first(*stub, Settings(v1::STREAM_POLICY_EVERY_FRAME));
    first.Send(1, GoodPng());
    EXPECT_EQ(first.Read(), "1:mask");
    TestStream second(*stub, Settings(v1::STREAM_POLICY_EVERY_FRAME), HalfAMinute());
    EXPECT_EQ(second.Finish().error_code(), StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_TRUE(HasPushback(second.context()));
    first.Send(2, GoodPng());
    EXPECT_EQ(first.Read(), "2:mask");
    first.Close();
    EXPECT_TRUE(first.Finish().ok());
  }
  TestStream third(*stub, Settings(v1::STREAM_POLICY_EVERY_FRAME));
  third.Close();
  EXPECT_TRUE(third.Finish().ok());
  EXPECT_TRUE(MetricsHave("lingula_refused_calls_total{reason=\"streams\"} 1"));
}

}  // namespace
}  // namespace lingula
