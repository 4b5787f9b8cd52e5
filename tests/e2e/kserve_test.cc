// What a client of the Open Inference Protocol sees, over a real port.
#include <cmath>
#include <cstring>
#include <future>
#include <thread>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "inference/grpc_service.grpc.pb.h"
#include "tests/e2e/server_fixture.h"
#include "tests/server/kserve/element.h"
#include "tests/support/fake_dicom.h"

namespace lingula {
namespace {

using grpc::StatusCode;
using test::Element;
using test::GoodPng;
using test::Picture;
using test::PngOf;
using testing::ElementsAre;
using testing::HasSubstr;

class KserveTest : public test::ServerTest {
 protected:
  KserveTest() {
    config_.batching.max_batch_size = 4;
    config_.batching.max_queued = 16;
  }
  void SetUp() override {
    ServerTest::SetUp();
    kserve_ = inference::GRPCInferenceService::NewStub(channel_);
  }

  static inference::ModelInferRequest Images(const std::vector<std::string>& files) {
    inference::ModelInferRequest request;
    request.set_model_name("xray");
    auto& input = *request.add_inputs();
    input.set_name("IMAGE");
    input.set_datatype("BYTES");
    input.add_shape(static_cast<int64_t>(files.size()));
    input.add_shape(1);
    std::string& raw = *request.add_raw_input_contents();
    for (const std::string& file : files) {
      raw += Element(file);
    }
    return request;
  }
  static inference::ModelInferRequest Tensor(const std::vector<float>& values) {
    inference::ModelInferRequest request;
    request.set_model_name("xray");
    auto& input = *request.add_inputs();
    input.set_name("TENSOR");
    input.set_datatype("FP32");
    for (const int64_t axis :
         {static_cast<int64_t>(values.size() / 1024), INT64_C(1), INT64_C(32), INT64_C(32)}) {
      input.add_shape(axis);
    }
    request.add_raw_input_contents(
        std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)));
    return request;
  }
  grpc::Status Infer(const inference::ModelInferRequest& request,
                     inference::ModelInferResponse* response = nullptr) {
    grpc::ClientContext context;
    inference::ModelInferResponse ignored;
    return kserve_->ModelInfer(&context, request, response != nullptr ? response : &ignored);
  }

  std::unique_ptr<inference::GRPCInferenceService::Stub> kserve_;
};

TEST_F(KserveTest, DicomFilesComeThroughTheSameDoor) {
  const cv::Mat picture = Picture(160, 96, {8, 16, 72, 24});
  const std::string dicom = test::FakeDicom(picture).Write();
  inference::ModelInferRequest request = Images({PngOf(picture), dicom});
  request.add_outputs()->set_name("MASK");
  inference::ModelInferResponse response;
  const grpc::Status status = Infer(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(response.outputs(0).shape(), ElementsAre(2, 96, 160));
  const std::string& masks = response.raw_output_contents(0);
  EXPECT_EQ(masks.substr(0, masks.size() / 2), masks.substr(masks.size() / 2));
  request = Images({GoodPng(), dicom});
  request.add_outputs()->set_name("MASK");
  EXPECT_EQ(Infer(request).error_code(), StatusCode::INVALID_ARGUMENT) << "two sizes in one tensor";
}

TEST_F(KserveTest, TheMaskIsThatOfSegment) {
  const std::string first = PngOf(Picture(160, 96, {8, 16, 72, 24}));
  const std::string second = GoodPng();
  inference::ModelInferRequest request = Images({first, second});
  request.set_id("call-1");
  inference::ModelInferResponse response;
  const grpc::Status status = Infer(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.id(), "call-1");
  EXPECT_EQ(response.model_name(), "xray");
  EXPECT_EQ(response.model_version(), "1");
  ASSERT_EQ(response.outputs_size(), 4);
  EXPECT_EQ(response.outputs(0).name(), "MASK_PNG");
  EXPECT_THAT(response.outputs(0).shape(), ElementsAre(2));
  v1::SegmentResponse native[2];
  ASSERT_TRUE(Segment(Request(first), &native[0]).ok());
  ASSERT_TRUE(Segment(Request(second), &native[1]).ok());
  EXPECT_EQ(response.raw_output_contents(0),
            Element(native[0].masks(0).png()) + Element(native[1].masks(0).png()));
}

// One call is one call in the metrics, however many images it brings.
TEST_F(KserveTest, ImagesOfOneCallShareABatch) {
  engine_->Block();
  test::Call first(*segmentation_, Request(GoodPng()));
  engine_->WaitForBatches(1);
  inference::ModelInferRequest request = Images({GoodPng(), GoodPng(), GoodPng()});
  inference::ModelInferResponse response;
  grpc::ClientContext context;
  std::promise<grpc::Status> done;
  kserve_->async()->ModelInfer(&context, &request, &response,
                               [&](grpc::Status status) { done.set_value(std::move(status)); });
  while (server_->models().models().front()->queue().depth() < 3) {
    std::this_thread::yield();
  }
  engine_->Release();
  EXPECT_TRUE(done.get_future().get().ok());
  EXPECT_THAT(engine_->batch_sizes(), ElementsAre(1, 3));
  EXPECT_THAT(Scrape(), HasSubstr("lingula_requests_total{code=\"OK\",method=\"ModelInfer\","
                                  "model=\"xray@1\"} 1"));
}

// Input [n, c, x, y] of a transposed model; mask and probabilities [n, y, x].
TEST_F(KserveTest, TensorsComeBackUpright) {
  std::vector<float> values(2 * 32 * 32, -4);
  values[1024 + 5 * 32 + 20] = 4;  // second image, column 5, row 20
  inference::ModelInferResponse response;
  const grpc::Status status = Infer(Tensor(values), &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.outputs_size(), 6);
  EXPECT_EQ(response.outputs(0).name(), "MASK");
  EXPECT_THAT(response.outputs(0).shape(), ElementsAre(2, 32, 32));
  std::string wanted(2 * 32 * 32, '\0');
  wanted[1024 + 20 * 32 + 5] = 1;
  EXPECT_EQ(response.raw_output_contents(0), wanted);
  EXPECT_EQ(response.outputs(2).name(), "PROBABILITIES");
  ASSERT_EQ(response.raw_output_contents(2).size(), values.size() * sizeof(float));
  float p = 0;
  std::memcpy(&p, &response.raw_output_contents(2)[(1024 + 20 * 32 + 5) * sizeof(p)], sizeof(p));
  EXPECT_NEAR(p, 1 / (1 + std::exp(-8.0F)), 1e-6);
}

TEST_F(KserveTest, ABadImageIsNamedAndHurtsNobodyElse) {
  engine_->Block();
  test::Call neighbour(*segmentation_, Request(GoodPng()));
  engine_->WaitForBatches(1);
  const grpc::Status status = [&] {
    inference::ModelInferRequest request = Images({"no image"});
    return Infer(request);
  }();
  engine_->Release();
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), testing::StartsWith("IMAGE[0]: "));
  EXPECT_EQ(neighbour.Code(), StatusCode::OK);

  const grpc::Status third = Infer(Images({GoodPng(), GoodPng(), GoodPng().substr(0, 60)}));
  EXPECT_EQ(third.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(third.error_message(), testing::StartsWith("IMAGE[2]: "));
  google::rpc::Status details;
  google::rpc::BadRequest bad;
  ASSERT_TRUE(details.ParseFromString(third.error_details()));
  ASSERT_EQ(details.details_size(), 1);
  ASSERT_TRUE(details.details(0).UnpackTo(&bad));
  EXPECT_EQ(bad.field_violations(0).field(), "IMAGE[2]");
}

TEST_F(KserveTest, NanIsRefusedByPlace) {
  std::vector<float> values(2 * 32 * 32, 0);
  values[1024 + 7] = std::nanf("");
  const grpc::Status status = Infer(Tensor(values));
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "TENSOR[1]: value 7 of the tensor is NaN or infinite");
}

TEST_F(KserveTest, DeadlineAndTimeoutAndCancellationAreRespected) {
  engine_->Block();
  test::Call first(*segmentation_, Request(GoodPng()));
  engine_->WaitForBatches(1);
  const inference::ModelInferRequest request = Images({GoodPng(), GoodPng()});
  inference::ModelInferResponse response;
  grpc::ClientContext late;
  late.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(30));
  EXPECT_EQ(kserve_->ModelInfer(&late, request, &response).error_code(),
            StatusCode::DEADLINE_EXCEEDED);
  grpc::ClientContext given_up;
  std::promise<grpc::Status> done;
  kserve_->async()->ModelInfer(&given_up, &request, &response,
                               [&](grpc::Status status) { done.set_value(std::move(status)); });
  given_up.TryCancel();
  EXPECT_EQ(done.get_future().get().error_code(), StatusCode::CANCELLED);
  inference::ModelInferRequest impatient = request;
  (*impatient.mutable_parameters())["timeout"].set_int64_param(1);
  EXPECT_EQ(Infer(impatient).error_code(), StatusCode::DEADLINE_EXCEEDED);
  engine_->Release();
  EXPECT_EQ(first.Code(), StatusCode::OK);
  EXPECT_THAT(engine_->batch_sizes(), ElementsAre(1)) << "what nobody awaits does not run";
}

TEST_F(KserveTest, DescribesServerAndModels) {
  grpc::ClientContext contexts[8];
  inference::ServerReadyResponse ready;
  EXPECT_TRUE(kserve_->ServerReady(&contexts[0], {}, &ready).ok());
  EXPECT_TRUE(ready.ready());
  inference::ModelReadyRequest which;
  inference::ModelReadyResponse model_ready;
  which.set_name("xray");
  EXPECT_TRUE(kserve_->ModelReady(&contexts[1], which, &model_ready).ok());
  EXPECT_TRUE(model_ready.ready());
  which.set_version("2");
  EXPECT_TRUE(kserve_->ModelReady(&contexts[2], which, &model_ready).ok());
  EXPECT_FALSE(model_ready.ready());
  inference::ModelMetadataRequest asked;
  inference::ModelMetadataResponse metadata;
  asked.set_name("xray");
  ASSERT_TRUE(kserve_->ModelMetadata(&contexts[3], asked, &metadata).ok());
  EXPECT_THAT(metadata.versions(), ElementsAre("1"));
  ASSERT_EQ(metadata.inputs_size(), 2);
  EXPECT_THAT(metadata.inputs(1).shape(), ElementsAre(-1, 1, 32, 32));
  EXPECT_EQ(metadata.outputs_size(), 6);
  asked.set_name("other");
  EXPECT_EQ(kserve_->ModelMetadata(&contexts[4], asked, &metadata).error_code(),
            StatusCode::NOT_FOUND);
  inference::RepositoryIndexResponse index;
  EXPECT_TRUE(kserve_->RepositoryIndex(&contexts[5], {}, &index).ok());
  ASSERT_EQ(index.models_size(), 1);
  EXPECT_EQ(index.models(0).state(), "READY");
  inference::ModelConfigRequest wanted;
  inference::ModelConfigResponse config;
  wanted.set_name("xray");
  EXPECT_TRUE(kserve_->ModelConfig(&contexts[6], wanted, &config).ok());
  EXPECT_EQ(config.config().max_batch_size(), 64);
  EXPECT_TRUE(config.config().input(0).optional());
}

TEST_F(KserveTest, ADrainingServerSaysSo) {
  engine_->Block();
  test::Call accepted(*segmentation_, Request(GoodPng()));
  engine_->WaitForBatches(1);
  std::thread drain([this] { server_->Drain(); });
  inference::ServerReadyResponse ready;
  do {
    grpc::ClientContext context;
    EXPECT_TRUE(kserve_->ServerReady(&context, {}, &ready).ok());
  } while (ready.ready() && !HasFailure());
  EXPECT_EQ(Infer(Images({GoodPng()})).error_code(), StatusCode::UNAVAILABLE);
  inference::ModelReadyRequest which;
  which.set_name("xray");
  inference::ModelReadyResponse model;
  grpc::ClientContext context;
  EXPECT_TRUE(kserve_->ModelReady(&context, which, &model).ok());
  EXPECT_FALSE(model.ready());
  engine_->Release();
  drain.join();
  EXPECT_EQ(accepted.Code(), StatusCode::OK);
}

}  // namespace
}  // namespace lingula
