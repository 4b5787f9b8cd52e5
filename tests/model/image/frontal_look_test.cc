#include "model/image/frontal_look.h"

#include <string>

#include <gmock/gmock.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "tests/model/image/synthetic.h"

namespace lingula {
namespace {

bool Looks(const cv::Mat& picture, bool transpose) {
  InputSpec spec;
  spec.side_px = 224;
  spec.channels = 1;
  spec.transpose = transpose;
  return LooksFrontal(Preprocess(picture, spec).value(), spec);
}

// A bright front and back and one dark lung that fills the rest, as a lateral view has them.
cv::Mat FakeLateral() {
  cv::Mat picture(400, 400, CV_8UC1, cv::Scalar(20));
  cv::ellipse(picture, {200, 260}, {190, 230}, 0, 0, 360, cv::Scalar(170), cv::FILLED);
  cv::ellipse(picture, {190, 220}, {120, 100}, -20, 0, 360, cv::Scalar(90), cv::FILLED);
  cv::GaussianBlur(picture, picture, {41, 41}, 0);
  return picture;
}

TEST(FrontalLookTest, TwoLungsAreFrontalWhateverTheAxisOrder) {
  for (const bool transpose : {false, true}) {
    EXPECT_TRUE(Looks(test::FakeXray(300, 260), transpose));
  }
}

TEST(FrontalLookTest, OneLungInTheMiddleIsNot) {
  for (const bool transpose : {false, true}) {
    EXPECT_FALSE(Looks(FakeLateral(), transpose));
  }
}

TEST(FrontalLookTest, TheShippedFilmsAreFrontal) {
  std::vector<cv::String> files;
  cv::glob("tests/testdata/xray/*.jpg", files);
  ASSERT_FALSE(files.empty());
  for (const cv::String& file : files) {
    EXPECT_TRUE(Looks(cv::imread(file, cv::IMREAD_GRAYSCALE), true)) << file;
  }
}

}  // namespace
}  // namespace lingula
