// The bundles in the repository, the real networks and real pictures, through a real port.
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "absl/strings/str_cat.h"
#include "lingula/v1/segmentation.grpc.pb.h"
#include "model/backend/load_engine.h"
#include "model/base/file.h"
#include "model/image/mask.h"
#include "server/config/server_config.h"
#include "server/load_models.h"
#include "server/server.h"
#include "tests/support/status_matchers.h"

namespace lingula::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr char kConfig[] = "deploy/server.textproto";
constexpr char kPolyp[] = "tests/testdata/endoscopy/polypgen_c2_001221.jpg";  // 512 x 400
constexpr char kBothLower[] = "tests/testdata/xray/a2eba651.jpg";             // 1024 x 1024
constexpr char kRightAll[] = "tests/testdata/xray/865336ed.jpg";              // 512 x 512

class ShippedBundleTest : public testing::Test {
 protected:
  // Loading takes a second: once for all tests.
  static void SetUpTestSuite() {
    ConfigureCompute(0);
    auto config = ParseServerConfig(*ReadFile(kConfig), kConfig);
    ASSERT_THAT(config, IsOk());
    config->port = 0;
    config->metrics_port = 0;
    config->precision = Precision::kFloat32;  // the same on every processor
    auto models = LoadModels(*config);
    ASSERT_THAT(models, IsOk());
    auto server = Server::Start(*config, *std::move(models));
    ASSERT_THAT(server, IsOk());
    server_ = server->release();
    stub_ =
        v1::Segmentation::NewStub(grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                                      grpc::InsecureChannelCredentials()))
            .release();
  }
  static void TearDownTestSuite() {
    delete stub_;
    delete server_;
  }

  static v1::SegmentRequest Request(const char* path) {
    v1::SegmentRequest request;
    request.mutable_image()->set_encoded(*ReadFile(path));
    request.add_mask_formats(v1::MASK_FORMAT_COCO_RLE);
    request.set_want_location_text(true);
    request.set_viewer_left(v1::VIEWER_LEFT_IS_PATIENT_RIGHT);
    return request;
  }
  static v1::SegmentResponse Segment(const v1::SegmentRequest& request) {
    grpc::ClientContext context;
    v1::SegmentResponse response;
    const grpc::Status status = stub_->Segment(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  static Server* server_;
  static v1::Segmentation::Stub* stub_;
};

Server* ShippedBundleTest::server_ = nullptr;
v1::Segmentation::Stub* ShippedBundleTest::stub_ = nullptr;

TEST_F(ShippedBundleTest, FindsTheInfectionAtTheSizeOfTheImageSent) {
  const v1::SegmentResponse answer = Segment(Request(kRightAll));
  ASSERT_EQ(answer.masks_size(), 1);
  EXPECT_EQ(answer.masks(0).width(), 512U);
  EXPECT_EQ(answer.masks(0).height(), 512U);
  EXPECT_GT(answer.quality().area_share(), 0.12);
  EXPECT_LT(answer.quality().area_share(), 0.28);
  EXPECT_GT(answer.quality().expected_dice(), 0.8);
  EXPECT_THAT(answer.flags(), Not(Contains(v1::FLAG_UNCALIBRATED)));
  EXPECT_LT(answer.quality().expected_dice_low(), answer.quality().expected_dice());
  EXPECT_EQ(answer.model().name(), "cxr-sgseg-compact");  // nobody named a model

  // More of it on the left of the image, where the film shows all of that lung to be affected.
  const auto& rle = answer.masks(0).coco_rle();
  const auto mask =
      DecodeCocoRle(rle.counts(), static_cast<int>(rle.height()), static_cast<int>(rle.width()));
  ASSERT_THAT(mask, IsOk());
  int left = 0;
  int right = 0;
  for (int y = 0; y < mask->rows; ++y) {
    for (int x = 0; x < mask->cols; ++x) {
      (x < mask->cols / 2 ? left : right) += mask->at<uint8_t>(y, x) != 0 ? 1 : 0;
    }
  }
  EXPECT_GT(left, right);
}

// Each instance has run as large a batch as it ever will, so no batch makes memory grow later.
TEST_F(ShippedBundleTest, InstancesAreWarm) {
  for (const ModelHandle& model : server_->models().models()) {
    ASSERT_TRUE(model->source().warm_up.has_value()) << model->id();
    EXPECT_FALSE(model->source().warm_up->pixels.empty()) << model->id();
  }
}

TEST_F(ShippedBundleTest, NamesTheGuidingReportAndPatientSidesApart) {
  const v1::SegmentResponse answer = Segment(Request(kRightAll));
  EXPECT_EQ(answer.guidance().mode(), v1::GUIDANCE_MODE_GENERATED_REPORT);
  EXPECT_THAT(answer.guidance().model_input_report(), HasSubstr("upper middle lower left lung"));
  EXPECT_THAT(answer.location().sentence(), HasSubstr("the patient's right lung, all zones"));
  EXPECT_THAT(answer.notice(), HasSubstr("Research use only"));
}

TEST_F(ShippedBundleTest, TheCallersReportChangesTheMask) {
  v1::SegmentRequest request = Request(kBothLower);
  const double own = Segment(request).quality().area_share();
  request.mutable_guidance()->set_mode(v1::GUIDANCE_MODE_REPORT);
  request.mutable_guidance()->set_report(
      "Unilateral pulmonary infection, one infected area, lower left lung.");
  const v1::SegmentResponse guided = Segment(request);
  EXPECT_EQ(guided.guidance().mode(), v1::GUIDANCE_MODE_REPORT);
  EXPECT_LT(guided.quality().area_share(), own * 0.95);  // one of the two lungs is left out
}

TEST_F(ShippedBundleTest, PrototypesGuideTheOtherXRayModel) {
  v1::SegmentRequest request = Request(kRightAll);
  request.set_model("cxr-prolearn-compact");
  const v1::SegmentResponse answer = Segment(request);
  EXPECT_EQ(answer.guidance().mode(), v1::GUIDANCE_MODE_PROTOTYPES);
  ASSERT_EQ(answer.guidance().prototypes_size(), 3);
  EXPECT_GT(answer.guidance().prototypes(0).similarity(), 0.5);
  EXPECT_GT(answer.quality().area_share(), 0.12);
  EXPECT_LT(answer.quality().area_share(), 0.28);
  EXPECT_THAT(answer.flags(), Not(Contains(v1::FLAG_UNCALIBRATED)));
}

TEST_F(ShippedBundleTest, FindsAPolypOfAnotherHospital) {
  v1::SegmentRequest request = Request(kPolyp);
  request.set_modality(v1::MODALITY_ENDOSCOPY);
  request.clear_viewer_left();
  const v1::SegmentResponse answer = Segment(request);
  EXPECT_EQ(answer.model().name(), "polyp-prolearn-compact");
  EXPECT_EQ(answer.guidance().mode(), v1::GUIDANCE_MODE_PROTOTYPES);
  EXPECT_NEAR(answer.quality().area_share(), 0.085, 0.01);  // the expert's mask: 0.0847
  EXPECT_GT(answer.quality().expected_dice(), 0.8);
  EXPECT_THAT(answer.location().sentence(), HasSubstr("in the middle of the image"));
  EXPECT_THAT(answer.location().sentence(), Not(HasSubstr("patient")));
}

TEST_F(ShippedBundleTest, TellsAnXRayFromAnEndoscopyFrame) {
  v1::SegmentRequest request = Request(kRightAll);
  request.set_model("polyp-prolearn-compact");
  request.clear_viewer_left();
  EXPECT_THAT(Segment(request).flags(), Contains(v1::FLAG_OUT_OF_DISTRIBUTION));
}

TEST_F(ShippedBundleTest, AMaskDoesNotDependOnItsBatchNeighbours) {
  const v1::SegmentRequest requests[] = {Request(kBothLower), Request(kRightAll)};
  const std::string alone[] = {Segment(requests[0]).masks(0).coco_rle().counts(),
                               Segment(requests[1]).masks(0).coco_rle().counts()};
  constexpr int kCalls = 24;
  std::vector<grpc::ClientContext> contexts(kCalls);
  std::vector<v1::SegmentResponse> responses(kCalls);
  std::vector<grpc::Status> statuses(kCalls);
  Mutex mu;
  CondVar done;
  int left = kCalls;
  for (int i = 0; i < kCalls; ++i) {
    stub_->async()->Segment(&contexts[i], &requests[i % 2], &responses[i], [&, i](grpc::Status s) {
      MutexLock lock(mu);
      statuses[i] = std::move(s);
      --left;
      done.NotifyAll();
    });
  }
  {
    MutexLock lock(mu);
    while (left > 0) {
      done.Wait(mu);
    }
  }
  uint32_t largest_batch = 0;
  for (int i = 0; i < kCalls; ++i) {
    ASSERT_TRUE(statuses[i].ok()) << statuses[i].error_message();
    EXPECT_EQ(responses[i].masks(0).coco_rle().counts(), alone[i % 2]) << "call " << i;
    largest_batch = std::max(largest_batch, responses[i].timing().batch_size());
  }
  EXPECT_GT(largest_batch, 1U);
}

}  // namespace
}  // namespace lingula::test
