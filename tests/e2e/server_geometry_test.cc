// A rectangle comes back where it was, from each kind of image and each size.
#include <string>
#include <vector>

#include <dcmtk/dcmdata/dcdeftag.h>
#include <opencv2/imgproc.hpp>

#include "model/image/pixels.h"
#include "tests/e2e/server_fixture.h"
#include "tests/model/image/synthetic.h"
#include "tests/support/fake_dicom.h"

namespace lingula {
namespace {

using test::FakeDicom;
using test::IsOk;

struct Format {
  const char* name;
  E_TransferSyntax syntax = EXS_Unknown;  // of DICOM
  bool wide = false;                      // 16 bits
};
constexpr Format kFormats[] = {
    {"png"},
    {"jpeg"},
    {"raw"},
    {"dicom_explicit", EXS_LittleEndianExplicit},
    {"dicom_implicit_16", EXS_LittleEndianImplicit, true},
    {"dicom_big_endian_16", EXS_BigEndianExplicit, true},
    {"dicom_deflated", EXS_DeflatedLittleEndianExplicit},
    {"dicom_jpeg_lossless_16", EXS_JPEGProcess14SV1, true},
    {"dicom_jpeg_ls", EXS_JPEGLSLossless},
    {"dicom_rle_16", EXS_RLELossless, true},
    {"dicom_jpeg_2000_16", EXS_JPEG2000LosslessOnly, true},
};
struct Shape {
  const char* name;
  int width, height;
};
constexpr Shape kShapes[] = {{"square", 512, 512},
                             {"wide", 800, 200},
                             {"tall", 200, 800},
                             {"tiny", 16, 12},
                             {"of_4k", 3840, 2160}};

class GeometryTest : public test::ServerTest,
                     public testing::WithParamInterface<std::tuple<Format, Shape>> {
 protected:
  GeometryTest() { config_.max_image_pixels = int64_t{1} << 24; }
};

// On the borders of the network's 32 x 32 cells: neither square nor in the middle.
cv::Rect RectangleIn(const Shape& shape) {
  const auto x = [&](int cell) { return (shape.width * cell + 16) / 32; };
  const auto y = [&](int cell) { return (shape.height * cell + 16) / 32; };
  return {cv::Point(x(6), y(10)), cv::Point(x(18), y(24))};
}

std::string DicomOf(const cv::Mat& picture, const Format& format) {
  cv::Mat samples = picture;
  if (format.wide) {
    picture.convertTo(samples, CV_16U, 257);
  }
  FakeDicom dicom(samples);
  return format.syntax == EXS_JPEG2000LosslessOnly
             ? dicom.WriteCompressed("1.2.840.10008.1.2.4.90", test::Jpeg2000Of(samples))
             : dicom.Write(format.syntax);
}

void Put(const cv::Mat& picture, const Format& format, v1::Image& image) {
  const std::string name = format.name;
  if (name == "png") {
    image.set_encoded(test::PngOf(picture));
  } else if (name == "jpeg") {
    image.set_encoded(test::MakeJpeg(picture));
  } else if (name == "raw") {
    image.mutable_raw()->set_width(static_cast<uint32_t>(picture.cols));
    image.mutable_raw()->set_height(static_cast<uint32_t>(picture.rows));
    image.mutable_raw()->set_format(v1::PIXEL_FORMAT_GRAY8);
    image.mutable_raw()->set_data(picture.data, picture.total());
  } else {
    image.set_encoded(DicomOf(picture, format));
  }
}

TEST_P(GeometryTest, TheRectangleComesBackToAPixel) {
  const auto& [format, shape] = GetParam();
  engine_->SetSharp();
  const cv::Rect rectangle = RectangleIn(shape);
  v1::SegmentRequest request;
  Put(test::Picture(shape.width, shape.height, rectangle), format, *request.mutable_image());
  v1::SegmentResponse response;
  const grpc::Status status = Segment(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  const auto mask = DecodeImage(response.masks(0).png(), 1, {int64_t{1} << 24});
  ASSERT_THAT(mask, IsOk());
  EXPECT_EQ(mask->pixels.size(), cv::Size(shape.width, shape.height));
  const cv::Rect found = cv::boundingRect(mask->pixels);
  EXPECT_NEAR(found.x, rectangle.x, 1);
  EXPECT_NEAR(found.y, rectangle.y, 1);
  EXPECT_NEAR(found.br().x, rectangle.br().x, 1);
  EXPECT_NEAR(found.br().y, rectangle.br().y, 1);
  // All of it but what is lost at rounded corners.
  EXPECT_GT(cv::countNonZero(mask->pixels), 0.97 * (rectangle.width - 1) * (rectangle.height - 1));
}

INSTANTIATE_TEST_SUITE_P(All, GeometryTest,
                         testing::Combine(testing::ValuesIn(kFormats), testing::ValuesIn(kShapes)),
                         [](const auto& c) {
                           return std::string(std::get<0>(c.param).name) + "_" +
                                  std::get<1>(c.param).name;
                         });

}  // namespace
}  // namespace lingula
