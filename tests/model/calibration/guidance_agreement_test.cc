#include "model/calibration/guidance_agreement.h"

#include <gmock/gmock.h>

namespace lingula {
namespace {

using testing::ElementsAre;

constexpr int kSide = 100;

// A picture of 100 x 100 with `p` in the given rectangle, laid out as the network has it.
std::vector<float> Box(int x0, int y0, int x1, int y1, float p, bool transposed) {
  std::vector<float> map(kSide * kSide, 0.1F);
  for (int y = y0; y < y1; ++y) {
    for (int x = x0; x < x1; ++x) {
      map[transposed ? x * kSide + y : y * kSide + x] = p;
    }
  }
  return map;
}

class ZoneSharesTest : public testing::TestWithParam<bool> {};

TEST_P(ZoneSharesTest, AreThoseOfTheMaskInEachZone) {
  const bool transposed = GetParam();
  // A part in one zone: rows 36 to 46 on the right side of the image.
  const auto middle = ZoneShares(Box(60, 36, 80, 46, 0.8F, transposed), 0.5F, transposed);
  EXPECT_THAT(middle, ElementsAre(0, 0, 0, 0, 1, 0));
  // 10 columns on each side of the middle; 6 rows of the upper zone and 4 of the middle one.
  const auto four = ZoneShares(Box(40, 30, 60, 40, 0.8F, transposed), 0.5F, transposed);
  const auto near = [](double value) { return testing::DoubleNear(value, 1e-6); };
  EXPECT_THAT(four, ElementsAre(near(0.3), near(0.2), near(0), near(0.3), near(0.2), near(0)));
  // What is below the threshold is not the mask's.
  const auto none = ZoneShares(Box(40, 30, 60, 40, 0.4F, transposed), 0.5F, transposed);
  EXPECT_THAT(none, ElementsAre(0, 0, 0, 0, 0, 0));
}

INSTANTIATE_TEST_SUITE_P(All, ZoneSharesTest, testing::Bool(),
                         [](const auto& p) { return p.param ? "transposed" : "upright"; });

TEST(AgreementTest, IsTheShareInZonesThatCount) {
  const std::array<double, kZones> shares{0.5, 0.25, 0, 0.25, 0, 0};
  EXPECT_EQ(Agreement(shares, WeightsOf(ZoneBits(0b000001))), 0.5);
  EXPECT_EQ(Agreement(shares, WeightsOf(ZoneBits(0b111111))), 1);
  EXPECT_EQ(Agreement(shares, WeightsOf(ZoneBits(0b110000))), 0);
}

RetrievedPrototype Of(int label, float similarity) {
  return {label, 0, similarity};
}

TEST(AgreementTest, PrototypesCountByTheirSimilarity) {
  EXPECT_THAT(WeightsOf({Of(2, 0.8F), Of(4, 0.4F), Of(2, 0.2F)}), ElementsAre(0, 0, 1, 0, 0.5F, 0));
  // Opposite to the picture: nothing. Pools beyond the zones: not looked at.
  EXPECT_THAT(WeightsOf({Of(1, 0.5F), Of(0, -0.5F), Of(7, 0.5F)}), ElementsAre(0, 1, 0, 0, 0, 0));
  // Distances: -1 is twice as near as -2.
  EXPECT_THAT(WeightsOf({Of(3, -1), Of(5, -2)}), ElementsAre(0, 0, 0, 1, 0, 0.5F));
}

}  // namespace
}  // namespace lingula
