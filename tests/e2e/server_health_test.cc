// What platforms and tools ask of a server: health, reflection, models, metrics.
#include <cstring>

#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/e2e/server_fixture.h"

namespace lingula {
namespace {

using grpc::StatusCode;
using grpc::health::v1::HealthCheckResponse;
using testing::HasSubstr;

class HealthTest : public test::ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    health_ = grpc::health::v1::Health::NewStub(channel_);
  }

  grpc::Status Check(const std::string& service, HealthCheckResponse& response) {
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    return health_->Check(&context, request, &response);
  }

  std::unique_ptr<grpc::health::v1::Health::Stub> health_;
};

TEST_F(HealthTest, CheckKnowsTheServerItsServicesAndItsModels) {
  for (const char* service :
       {"", "lingula.v1.Segmentation", "lingula.v1.Models", "lingula.v1.Segmentation/xray"}) {
    HealthCheckResponse response;
    EXPECT_TRUE(Check(service, response).ok()) << service;
    EXPECT_EQ(response.status(), HealthCheckResponse::SERVING) << service;
  }
  HealthCheckResponse response;
  EXPECT_EQ(Check("lingula.v1.Segmentation/other", response).error_code(), StatusCode::NOT_FOUND);
}

TEST_F(HealthTest, WatchOfAnUnknownServiceSaysSoAndStaysOpen) {
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckRequest request;
  request.set_service("nobody");
  const auto watch = health_->Watch(&context, request);
  HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVICE_UNKNOWN);
  context.TryCancel();
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_EQ(watch->Finish().error_code(), StatusCode::CANCELLED);
}

// One question to the reflection service and its answer, as bytes: Debian ships no compiled
// reflection.proto.
std::string Reflect(const std::shared_ptr<grpc::Channel>& channel, const std::string& question) {
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  const auto next = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  const auto call = stub.PrepareCall(
      &context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  call->StartCall(nullptr);
  EXPECT_TRUE(next());
  const grpc::Slice slice(question);
  call->Write(grpc::ByteBuffer(&slice, 1), nullptr);
  EXPECT_TRUE(next());
  grpc::ByteBuffer answer;
  call->Read(&answer, nullptr);
  EXPECT_TRUE(next());
  call->WritesDone(nullptr);
  EXPECT_TRUE(next());
  grpc::Status status;
  call->Finish(&status, nullptr);
  EXPECT_TRUE(next());
  EXPECT_TRUE(status.ok());
  std::vector<grpc::Slice> slices;
  EXPECT_TRUE(answer.Dump(&slices).ok());
  std::string bytes;
  for (const grpc::Slice& part : slices) {
    bytes.append(reinterpret_cast<const char*>(part.begin()), part.size());
  }
  return bytes;
}

TEST_F(HealthTest, ReflectionListsAndDescribesAllServices) {
  const std::string names = Reflect(channel_, std::string("\x3a\x00", 2));  // list_services = ""
  for (const char* service :
       {"lingula.v1.Segmentation", "lingula.v1.Models", "grpc.health.v1.Health"}) {
    EXPECT_THAT(names, HasSubstr(service));
    // file_containing_symbol = service
    const std::string file =
        Reflect(channel_,
                absl::StrCat("\x22", std::string(1, static_cast<char>(strlen(service))), service));
    EXPECT_THAT(file, HasSubstr(".proto"));
    EXPECT_THAT(file, testing::Not(HasSubstr("not found")));
  }
}

TEST_F(HealthTest, ModelsAreListedAndShown) {
  grpc::ClientContext list;
  v1::ListModelsResponse models;
  ASSERT_TRUE(models_->ListModels(&list, {}, &models).ok());
  ASSERT_EQ(models.models_size(), 1);
  const v1::Model& model = models.models(0);
  EXPECT_EQ(model.identity().name(), "xray");
  EXPECT_EQ(model.identity().version(), "1");
  EXPECT_EQ(model.identity().family(), "sgseg");
  EXPECT_EQ(model.modality(), v1::MODALITY_CHEST_XRAY);
  EXPECT_EQ(model.guidance_modes_size(), 2) << "generated report and the caller's report";
  EXPECT_EQ(model.input().side_px(), 32U);
  EXPECT_TRUE(model.input().transposed());
  EXPECT_EQ(model.parameters(), 12U);
  EXPECT_EQ(model.scores(0).metric(), "dice");
  EXPECT_TRUE(model.is_default());
  v1::GetModelRequest request;
  v1::GetModelResponse response;
  request.set_model("xray@1");
  grpc::ClientContext get;
  ASSERT_TRUE(models_->GetModel(&get, request, &response).ok());
  EXPECT_EQ(response.card_markdown(), "# xray");
  EXPECT_EQ(response.model().SerializeAsString(), model.SerializeAsString());
  request.set_model("other");
  grpc::ClientContext missing;
  EXPECT_EQ(models_->GetModel(&missing, request, &response).error_code(), StatusCode::NOT_FOUND);
  request.clear_model();
  grpc::ClientContext empty;
  EXPECT_EQ(models_->GetModel(&empty, request, &response).error_code(),
            StatusCode::INVALID_ARGUMENT);
}

TEST_F(HealthTest, MetricsShowWhatHappened) {
  ASSERT_TRUE(Segment(Request(test::GoodPng())).ok());
  ASSERT_TRUE(Segment(Request(test::GoodPng())).ok());
  const std::string text = Scrape();
  for (const char* line :
       {"200 OK", R"(lingula_requests_total{code="OK",method="Segment",model="xray@1"} 2)",
        R"(lingula_stage_duration_seconds_count{model="xray@1",stage="total"} 2)",
        R"(lingula_batch_size_count{model="xray@1"} 2)",
        R"(lingula_batch_cuts_total{model="xray@1",reason="idle"} 2)",
        R"(lingula_expected_dice_count{model="xray@1"} 2)",
        R"(lingula_queue_depth{model="xray@1"} 0)", "lingula_build_info{version=\""}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

}  // namespace
}  // namespace lingula
