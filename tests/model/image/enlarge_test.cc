#include "model/image/enlarge.h"

#include <cstring>

#include <gmock/gmock.h>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "model/image/mask.h"
#include "model/image/preprocess.h"
#include "tests/model/image/synthetic.h"

namespace lingula {
namespace {

cv::Mat Map() {
  return UprightProbabilities(test::FakeProbabilities(64), {64, 1, true});
}

TEST(EnlargedRowsTest, AgreesWithOpenCvInAnyDirection) {
  for (const cv::Size size : {cv::Size(301, 257), cv::Size(640, 31), cv::Size(7, 900),
                              cv::Size(64, 64), cv::Size(65, 64), cv::Size(1, 1)}) {
    cv::Mat expected;
    cv::resize(Map(), expected, size, 0, 0, cv::INTER_LINEAR);
    const cv::Mat found = RestoreProbabilities(test::FakeProbabilities(64), {64, 1, true}, size);
    EXPECT_LE(cv::norm(found, expected, cv::NORM_INF), 1e-6) << size;
  }
}

TEST(EnlargedRowsTest, RowsComeInAnyOrder) {
  const cv::Size size(120, 90);
  EnlargedRows down(Map(), size);
  cv::Mat whole(size, CV_32FC1);
  for (int y = 0; y < size.height; ++y) {
    std::memcpy(whole.ptr(y), down.Row(y), size.width * sizeof(float));
  }
  EnlargedRows up(Map(), size);
  for (int y = size.height - 1; y >= 0; --y) {
    EXPECT_EQ(std::memcmp(whole.ptr(y), up.Row(y), size.width * sizeof(float)), 0) << y;
  }
}

// Whether a caller asks for probabilities must not move a pixel of the mask.
TEST(EnlargedRowsTest, AMaskWithoutTheMapEqualsThatFromTheMap) {
  for (const cv::Size size : {cv::Size(301, 257), cv::Size(64, 64), cv::Size(33, 20)}) {
    EnlargedRows rows(Map(), size);
    const RenderedMask direct = RenderMask(rows, 0.3F);
    const RenderedMask through =
        RenderMask(RestoreProbabilities(test::FakeProbabilities(64), {64, 1, true}, size), 0.3F);
    EXPECT_EQ(cv::norm(direct.mask, through.mask, cv::NORM_INF), 0) << size;
    EXPECT_EQ(direct.sums.probability, through.sums.probability);
    EXPECT_EQ(direct.sums.probability_in_mask, through.sums.probability_in_mask);
    EXPECT_EQ(direct.sums.foreground, through.sums.foreground);
  }
}

}  // namespace
}  // namespace lingula
