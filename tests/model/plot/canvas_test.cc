#include "model/plot/canvas.h"

#include <gtest/gtest.h>
#include <opencv2/core.hpp>

namespace lingula {
namespace {

constexpr Colour kBlack{0, 0, 0};

// How much ink, in pixels fully black.
double Ink(const cv::Mat& picture) {
  return cv::sum(cv::Scalar::all(255) - picture)[0] / 255;
}

TEST(CanvasTest, StartsWhite) {
  const cv::Mat picture = Canvas(40, 30).Finish();
  EXPECT_EQ(picture.size(), cv::Size(40, 30));
  EXPECT_EQ(Ink(picture), 0);
}

TEST(CanvasTest, ColoursAndPlaces) {
  Canvas canvas(40, 30);
  canvas.Fill({10, 5, 20, 15}, {200, 100, 0});
  const cv::Mat picture = canvas.Finish();
  EXPECT_EQ(picture.at<cv::Vec3b>(6, 11), cv::Vec3b(0, 100, 200));  // BGR
  EXPECT_EQ(picture.at<cv::Vec3b>(14, 19), cv::Vec3b(0, 100, 200));
  EXPECT_EQ(picture.at<cv::Vec3b>(15, 19), cv::Vec3b::all(255));
  EXPECT_EQ(picture.at<cv::Vec3b>(14, 20), cv::Vec3b::all(255));
}

TEST(CanvasTest, OpacityMixes) {
  Canvas canvas(10, 10);
  canvas.Fill({0, 0, 10, 10}, kBlack, 0.4);
  EXPECT_NEAR(canvas.Finish().at<cv::Vec3b>(5, 5)[0], 153, 1);
}

TEST(CanvasTest, LinesHaveTheirWidthAndLength) {
  Canvas canvas(100, 40);
  canvas.Line({10, 20}, {90, 20}, kBlack, 2);
  EXPECT_NEAR(Ink(canvas.Finish()), 160, 25);  // its ends are round
  Canvas dashed(100, 40);
  dashed.Dashes({10, 20}, {90, 20}, kBlack, 2);
  EXPECT_LT(Ink(dashed.Finish()), 0.85 * Ink(canvas.Finish()));
  EXPECT_GT(Ink(dashed.Finish()), 0.4 * Ink(canvas.Finish()));
}

TEST(CanvasTest, DiscsHaveTheirArea) {
  Canvas canvas(60, 60);
  canvas.Disc({30, 30}, 10, kBlack);
  EXPECT_NEAR(Ink(canvas.Finish()), 314, 15);
}

// What is outside the clip stays white, what is inside is where it would be without.
TEST(CanvasTest, ClipCutsOffAndDoesNotMove) {
  const auto draw = [](Canvas& canvas) {
    canvas.Line({-1e9, 20}, {1e9, 20}, kBlack, 2);
    canvas.Disc({30, 30}, 12, kBlack);
    canvas.Disc({500, -500}, 12, kBlack);
    canvas.Fill({0, 50, 60, 60}, kBlack);
  };
  Canvas whole(60, 60), clipped(60, 60);
  clipped.ClipTo({20, 10, 45, 55});
  draw(whole);
  draw(clipped);
  const cv::Mat all = whole.Finish();
  cv::Mat part = clipped.Finish();
  const cv::Rect inside(20, 10, 25, 45);
  EXPECT_LE(cv::norm(all(inside), part(inside), cv::NORM_INF), 8);  // smoothing begins anew
  EXPECT_GT(Ink(part), 100);
  part(inside).setTo(cv::Scalar::all(255));
  EXPECT_EQ(Ink(part), 0);
}

TEST(CanvasTest, TextIsAlignedAndAsWideAsSaid) {
  const double width = TextWidth("Dice 0.874", 10);
  EXPECT_NEAR(width, 2 * TextWidth("Dice 0.874", 5), 3);
  const auto columns = [&](Align align) {
    Canvas canvas(300, 30);
    canvas.Text("Dice 0.874", {150, 20}, 10, kBlack, align);
    cv::Mat grey, points;
    cv::extractChannel(canvas.Finish(), grey, 0);
    cv::findNonZero(grey < 200, points);
    double low = 300, high = 0;
    for (int i = 0; i < points.rows; ++i) {
      low = std::min<double>(low, points.at<cv::Point>(i).x);
      high = std::max<double>(high, points.at<cv::Point>(i).x);
    }
    return std::make_pair(low, high);
  };
  EXPECT_NEAR(columns(Align::kStart).first, 150, 3);
  EXPECT_NEAR(columns(Align::kStart).second, 150 + width, 3);
  EXPECT_NEAR(columns(Align::kEnd).second, 150, 3);
  EXPECT_NEAR(columns(Align::kMiddle).first, 150 - width / 2, 3);
}

TEST(CanvasTest, UprightTextIsTheSameTurned) {
  Canvas lying(200, 40), upright(40, 200);
  lying.Text("zone F1", {100, 25}, 12, kBlack, Align::kMiddle);
  upright.TextUp("zone F1", {20, 100}, 12, kBlack);
  EXPECT_NEAR(Ink(lying.Finish()), Ink(upright.Finish()), 0.05 * Ink(lying.Finish()));
  // Partly outside: cut off, no failure.
  Canvas small(10, 10);
  small.TextUp("a long text", {5, 5}, 12, kBlack);
  EXPECT_GT(Ink(small.Finish()), 0);
}

}  // namespace
}  // namespace lingula
