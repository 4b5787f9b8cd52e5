#include "model/train/reference_zoom.h"

#include <gmock/gmock.h>

namespace lingula {
namespace {

double Largest(const torch::Tensor& difference) {
  return difference.abs().max().item<double>();
}

torch::Tensor Ramp(int64_t side) {  // value = column
  return torch::arange(side, torch::kFloat32).expand({1, 1, side, side}).contiguous();
}

TEST(ZoomOneTest, SmallerIsPaddedWithItsEdgesTheOddPixelAfter) {
  // floor(10 * 0.95) = 9: nothing before, one column after.
  const auto zoomed = ZoomOne(Ramp(10), 0.95, true);
  ASSERT_EQ(zoomed.size(3), 10);
  for (int64_t column = 0; column < 9; ++column) {  // nearest: floor(i * 10 / 9)
    EXPECT_EQ(zoomed[0][0][4][column].item<float>(), static_cast<float>(column * 10 / 9));
  }
  EXPECT_EQ(zoomed[0][0][4][9].item<float>(), zoomed[0][0][4][8].item<float>());
  // floor(20 * 0.85) = 17: one before, two after.
  const auto more = ZoomOne(Ramp(20), 0.85, true)[0][0][7];
  EXPECT_EQ(more[0].item<float>(), more[1].item<float>());
  EXPECT_NE(more[1].item<float>(), more[2].item<float>());
  EXPECT_EQ(more[17].item<float>(), more[19].item<float>());
  EXPECT_NE(more[17].item<float>(), more[16].item<float>());
}

TEST(ZoomOneTest, LargerIsCutAroundTheMiddle) {
  // floor(10 * 1.15) = 11: cut from 0; floor(10 * 1.2) = 12: cut from 1.
  const auto eleven = ZoomOne(Ramp(10), 1.15, true)[0][0][0];
  EXPECT_EQ(eleven[0].item<float>(), 0);
  EXPECT_EQ(eleven[9].item<float>(), 8);  // floor(9 * 10 / 11)
  const auto twelve = ZoomOne(Ramp(10), 1.2, true)[0][0][0];
  EXPECT_EQ(twelve[0].item<float>(), 0);  // floor(1 * 10 / 12)
  EXPECT_EQ(twelve[9].item<float>(), 8);  // floor(10 * 10 / 12)
}

TEST(ZoomOneTest, ImagesAreJoinedByCubics) {
  const auto ramp = Ramp(224);
  const auto zoomed = ZoomOne(ramp, 1.1, false);  // floor(246.4) = 246, cut from 11
  for (const int64_t column : {20, 100, 200}) {
    const double source = (column + 11 + 0.5) * 224 / 246 - 0.5;
    EXPECT_NEAR(zoomed[0][0][50][column].item<double>(), source, 0.05);
  }
  // Cubics overshoot at an edge, and that is kept.
  auto step = torch::zeros({1, 1, 40, 40});
  step.narrow(3, 20, 20).fill_(255);
  const auto sharp = ZoomOne(step, 1.2, false);
  EXPECT_GT(sharp.max().item<double>(), 256);
  EXPECT_LT(sharp.min().item<double>(), -1);
  EXPECT_EQ(Largest(ZoomOne(step, 1, false) - step), 0);
}

// One image in ten, each with its mask, by factors in the published range; the others stay.
TEST(ReferenceZoomTest, ZoomsOneInTen) {
  torch::manual_seed(4);
  constexpr int64_t kCount = 400, kSide = 40;
  auto masks = torch::zeros({kCount, 1, kSide, kSide});
  masks.narrow(2, 10, 20).narrow(3, 10, 20).fill_(1);
  auto images = masks * 200;
  const auto before = masks.clone();
  ReferenceZoom(images, masks);
  const auto area = masks.sum({1, 2, 3}) / 400;
  int64_t zoomed = 0;
  for (int64_t i = 0; i < kCount; ++i) {
    if (Largest(images[i] - before[i] * 200) == 0) {
      EXPECT_EQ(Largest(masks[i] - before[i]), 0);
      continue;
    }
    ++zoomed;
    const double apart =
        ((images[i] > 100).to(torch::kFloat32) - masks[i]).abs().mean().item<double>();
    EXPECT_LE(apart, 0.06);  // nearest is half a pixel off
  }
  EXPECT_GT(zoomed, 20);
  EXPECT_LT(zoomed, 65);
  EXPECT_GE(area.min().item<double>(), 0.95 * 0.95 - 0.1);
  EXPECT_LE(area.max().item<double>(), 1.2 * 1.2 + 0.1);
  EXPECT_GT(area.max().item<double>(), 1.2);
}

}  // namespace
}  // namespace lingula
