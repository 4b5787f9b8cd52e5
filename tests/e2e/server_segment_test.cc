// What a caller of Segment sees: masks that lie on the picture, and a code for each mistake.
#include <cmath>
#include <cstring>
#include <fstream>
#include <sstream>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "model/image/mask.h"
#include "model/image/pixels.h"
#include "tests/e2e/server_fixture.h"

namespace lingula {
namespace {

using grpc::StatusCode;
using test::GoodPng;
using test::Picture;
using test::PngOf;
using testing::Contains;
using testing::HasSubstr;

class SegmentTest : public test::ServerTest {};

std::string ReadTestFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  EXPECT_FALSE(content.str().empty()) << path;
  return content.str();
}

// Share of the pixels on which two masks agree.
double Agreement(const cv::Mat& a, const cv::Mat& b) {
  EXPECT_EQ(a.size(), b.size());
  return a.size() == b.size() ? cv::sum(a == b)[0] / 255.0 / static_cast<double>(a.total()) : 0;
}

TEST_F(SegmentTest, TheMaskLiesOnThePicture) {
  // Neither square nor symmetric: a swapped axis would show.
  const cv::Mat picture = Picture(160, 96, {8, 16, 72, 24});
  v1::SegmentRequest request = Request(PngOf(picture));
  request.set_request_id("e2e-1");
  request.add_mask_formats(v1::MASK_FORMAT_PNG);
  request.add_mask_formats(v1::MASK_FORMAT_COCO_RLE);
  request.add_mask_formats(v1::MASK_FORMAT_OVERLAY_PNG);
  request.set_want_location_text(true);
  v1::SegmentResponse response;
  const grpc::Status status = Segment(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.request_id(), "e2e-1");
  ASSERT_EQ(response.masks_size(), 3);
  for (const v1::Mask& mask : response.masks()) {
    EXPECT_EQ(mask.width(), 160U);
    EXPECT_EQ(mask.height(), 96U);
  }
  const auto png = DecodeImage(response.masks(0).png(), 1, {});
  ASSERT_THAT(png, test::IsOk());
  EXPECT_GT(Agreement(png->pixels, picture), 0.95);
  const auto rle = DecodeCocoRle(response.masks(1).coco_rle().counts(), 96, 160);
  ASSERT_THAT(rle, test::IsOk());
  EXPECT_EQ(Agreement(*rle, png->pixels), 1.0) << "all forms show one mask";
  const auto overlay = DecodeImage(response.masks(2).overlay_png(), 3, {});
  ASSERT_THAT(overlay, test::IsOk());
  EXPECT_EQ(overlay->pixels.size(), picture.size());
  EXPECT_EQ(response.quality().foreground_pixels(),
            static_cast<uint64_t>(cv::countNonZero(png->pixels)));
  EXPECT_TRUE(response.quality().has_expected_dice());
  EXPECT_FALSE(response.location().sentence().empty());
  EXPECT_EQ(response.timing().batch_size(), 1U);
  EXPECT_EQ(response.timing().batch_cut(), v1::BATCH_CUT_IDLE);
  EXPECT_GE(response.timing().total_us(),
            response.timing().decode_us() + response.timing().infer_us());
}

TEST_F(SegmentTest, RawPixelsAndAFileOfThemGiveTheSameMask) {
  const cv::Mat picture = Picture(40, 24, {4, 2, 16, 8});
  v1::SegmentRequest raw;
  raw.mutable_image()->mutable_raw()->set_width(40);
  raw.mutable_image()->mutable_raw()->set_height(24);
  raw.mutable_image()->mutable_raw()->set_format(v1::PIXEL_FORMAT_GRAY8);
  raw.mutable_image()->mutable_raw()->set_data(picture.data, picture.total());
  v1::SegmentResponse from_raw;
  v1::SegmentResponse from_file;
  ASSERT_TRUE(Segment(raw, &from_raw).ok());
  ASSERT_TRUE(Segment(Request(GoodPng()), &from_file).ok());
  EXPECT_EQ(from_raw.masks(0).png(), from_file.masks(0).png());
  EXPECT_EQ(from_raw.request_id().size(), 32U) << "made by the server";
}

TEST_F(SegmentTest, JpegIsFlaggedAsLossy) {
  v1::SegmentResponse response;
  const grpc::Status status =
      Segment(Request(ReadTestFile("tests/testdata/xray/865336ed.jpg")), &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(response.flags(), Contains(v1::FLAG_LOSSY_INPUT));
}

TEST_F(SegmentTest, AnEmptyMaskIsAFinding) {
  engine_->SetProbability(0.1F);
  v1::SegmentResponse response;
  ASSERT_TRUE(Segment(Request(GoodPng()), &response).ok());
  EXPECT_FALSE(response.quality().has_expected_dice());
  EXPECT_THAT(response.flags(), Contains(v1::FLAG_EMPTY_MASK));
  EXPECT_THAT(response.flags(), Contains(v1::FLAG_GUIDANCE_CONFLICT)) << "the zones name a place";
  EXPECT_THAT(Scrape(), HasSubstr(R"(lingula_flags_total{flag="empty_mask",model="xray@1"} 1)"));
}

// A small PNG whose header declares 65535 x 65535 pixels.
std::string BombPng() {
  std::string png = GoodPng();
  png.replace(16, 8, std::string("\0\0\xff\xff\0\0\xff\xff", 8));
  return png;
}

struct BadImage {
  const char* name;
  std::string file;
  StatusCode code;
};

TEST_F(SegmentTest, EachBadImageHasItsCodeAndLeavesTheServerWell) {
  const BadImage bad[] = {
      {"empty", "", StatusCode::INVALID_ARGUMENT},
      {"truncated", GoodPng().substr(0, GoodPng().size() - 20), StatusCode::INVALID_ARGUMENT},
      {"header only", GoodPng().substr(0, 33), StatusCode::INVALID_ARGUMENT},
      {"bomb", BombPng(), StatusCode::OUT_OF_RANGE},
      {"gif", std::string("GIF89a\1\0\1\0\0\0\0;", 14), StatusCode::UNIMPLEMENTED},
      {"text", "a letter to the radiologist, no picture", StatusCode::INVALID_ARGUMENT},
      {"no contrast", PngOf(cv::Mat(24, 40, CV_8UC1, cv::Scalar(7))), StatusCode::INVALID_ARGUMENT},
  };
  for (const BadImage& image : bad) {
    SCOPED_TRACE(image.name);
    const grpc::Status status = Segment(Request(image.file));
    EXPECT_EQ(status.error_code(), image.code) << status.error_message();
    EXPECT_FALSE(status.error_message().empty());
    EXPECT_TRUE(Segment(Request(GoodPng())).ok());
  }
  EXPECT_THAT(
      Scrape(),
      HasSubstr(
          R"(lingula_requests_total{code="INVALID_ARGUMENT",method="Segment",model="xray@1"} 5)"));
}

TEST_F(SegmentTest, BadFieldsNameThemselves) {
  v1::SegmentRequest request = Request(GoodPng());
  request.set_request_id(std::string(129, 'x'));
  request.add_mask_formats(v1::MASK_FORMAT_PNG);
  request.add_mask_formats(v1::MASK_FORMAT_PNG);
  request.set_threshold(1.5F);
  const grpc::Status status = Segment(request);
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  google::rpc::Status details;
  google::rpc::BadRequest bad;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  ASSERT_EQ(details.details_size(), 1);
  ASSERT_TRUE(details.details(0).UnpackTo(&bad));
  ASSERT_EQ(bad.field_violations_size(), 3);
  EXPECT_EQ(bad.field_violations(0).field(), "request_id");
  EXPECT_EQ(bad.field_violations(1).field(), "mask_formats[1]");
  EXPECT_EQ(bad.field_violations(2).field(), "threshold");
}

TEST_F(SegmentTest, UnknownModelsAreNotFound) {
  v1::SegmentRequest request = Request(GoodPng());
  request.set_model("nobody");
  const grpc::Status status = Segment(request);
  EXPECT_EQ(status.error_code(), StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("xray@1"));
}

TEST_F(SegmentTest, ABadImageDoesNotHarmItsNeighbours) {
  engine_->Block();
  test::Call first(*segmentation_, Request(GoodPng()));
  engine_->WaitForBatches(1);
  test::Call good(*segmentation_, Request(GoodPng()));
  test::Call bad(*segmentation_, Request(GoodPng().substr(0, 60)));
  EXPECT_EQ(bad.Code(), StatusCode::INVALID_ARGUMENT) << "answered while the network is busy";
  engine_->Release();
  EXPECT_EQ(first.Code(), StatusCode::OK);
  EXPECT_EQ(good.Code(), StatusCode::OK);
  EXPECT_EQ(first.response().masks(0).png(), good.response().masks(0).png());
}

TEST_F(SegmentTest, AnEngineThatFailsIsOurFault) {
  engine_->SetFault(test::FakeEngine::Fault::kThrow);
  const grpc::Status status = Segment(Request(GoodPng()));
  EXPECT_EQ(status.error_code(), StatusCode::INTERNAL);
  EXPECT_THAT(status.error_message(), testing::Not(HasSubstr("fake failure")));
  engine_->SetFault(test::FakeEngine::Fault::kNone);
  EXPECT_TRUE(Segment(Request(GoodPng())).ok());
}

// The input of this model is transposed: element [c, x, y]. Answers are upright: [y, x].
v1::SegmentRequest TensorRequest(const std::vector<float>& values) {
  v1::SegmentRequest request;
  v1::ImageTensor& tensor = *request.mutable_image()->mutable_tensor();
  for (const uint32_t axis : {1, 32, 32}) {
    tensor.add_shape(axis);
  }
  tensor.set_data(
      std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)));
  return request;
}

TEST_F(SegmentTest, TheMaskOfATensorIsUpright) {
  std::vector<float> values(32 * 32, -4);
  for (int x = 5; x < 9; ++x) {
    for (int y = 20; y < 30; ++y) {
      values[x * 32 + y] = 4;
    }
  }
  v1::SegmentRequest request = TensorRequest(values);
  request.add_mask_formats(v1::MASK_FORMAT_POLYGONS);
  request.add_mask_formats(v1::MASK_FORMAT_PROBABILITIES_FLOAT32);
  v1::SegmentResponse response;
  const grpc::Status status = Segment(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.masks_size(), 2);
  EXPECT_EQ(response.masks(0).width(), 32U);
  EXPECT_THAT(response.masks(0).polygons().polygons(0).xy(),
              testing::ElementsAre(5, 20, 9, 20, 9, 30, 5, 30));
  const std::string& floats = response.masks(1).probabilities_float32();
  ASSERT_EQ(floats.size(), values.size() * sizeof(float));
  float p = 0;
  std::memcpy(&p, &floats[(20 * 32 + 5) * sizeof(p)], sizeof(p));
  EXPECT_NEAR(p, 1 / (1 + std::exp(-8.0F)), 1e-6);
  EXPECT_EQ(response.quality().foreground_pixels(), 40U);
}

TEST_F(SegmentTest, AReferenceMaskIsComparedWith) {
  const cv::Mat picture = Picture(160, 96, {8, 16, 72, 24});
  v1::SegmentRequest request = Request(PngOf(picture));
  v1::SegmentResponse response;
  ASSERT_TRUE(Segment(request, &response).ok());
  EXPECT_FALSE(response.has_overlap());
  request.set_reference_mask(response.masks(0).png());
  ASSERT_TRUE(Segment(request, &response).ok());
  EXPECT_EQ(response.overlap().dice(), 1);
  EXPECT_EQ(response.overlap().hausdorff95_px(), 0);
  request.set_reference_mask(PngOf(picture));
  ASSERT_TRUE(Segment(request, &response).ok());
  EXPECT_GT(response.overlap().jaccard(), 0.7);
  EXPECT_LT(response.overlap().jaccard(), 1);
  request.set_reference_mask(GoodPng());
  const grpc::Status status = Segment(request);
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("reference_mask: must have the size of the image"));
}

TEST_F(SegmentTest, ATensorWithNanIsRefused) {
  std::vector<float> values(32 * 32, 0);
  values[9] = std::nanf("");
  const grpc::Status status = Segment(TensorRequest(values));
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("value 9 of the tensor"));
  google::rpc::Status details;
  google::rpc::BadRequest bad;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  ASSERT_TRUE(details.details(0).UnpackTo(&bad));
  EXPECT_EQ(bad.field_violations(0).field(), "image.tensor.data");
}

}  // namespace
}  // namespace lingula
