#include "server/service/smoothing.h"

#include <gmock/gmock.h>

namespace lingula {
namespace {

using testing::ElementsAre;
using testing::FloatEq;

std::vector<float> Apply(Smoothing& smoothing, cv::Size size, std::vector<float> probabilities) {
  smoothing.Apply(size, probabilities);
  return probabilities;
}

TEST(Smoothing, MixesEachFrameWithTheOnesBefore) {
  Smoothing smoothing(0.75F);
  const cv::Size size(64, 48);
  EXPECT_THAT(Apply(smoothing, size, {1, 0}), ElementsAre(1, 0));
  EXPECT_THAT(Apply(smoothing, size, {0, 0}), ElementsAre(FloatEq(0.75F), 0));
  EXPECT_THAT(Apply(smoothing, size, {0, 1}), ElementsAre(FloatEq(0.5625F), FloatEq(0.25F)));
}

TEST(Smoothing, StartsAnewWhenASizeChanges) {
  Smoothing smoothing(0.5F);
  Apply(smoothing, {64, 48}, {1, 1});
  EXPECT_THAT(Apply(smoothing, {48, 64}, {0, 0}), ElementsAre(0, 0));
  Apply(smoothing, {48, 64}, {1, 1});
  EXPECT_THAT(Apply(smoothing, {48, 64}, {0, 0, 0}), ElementsAre(0, 0, 0));
}

TEST(Smoothing, WeightZeroChangesNothing) {
  Smoothing smoothing(0);
  Apply(smoothing, {64, 48}, {1, 0.3F});
  EXPECT_THAT(Apply(smoothing, {64, 48}, {0.2F, 0.9F}), ElementsAre(0.2F, 0.9F));
}

}  // namespace
}  // namespace lingula
