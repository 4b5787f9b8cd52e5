#include "model/cluster/prototypes.h"

#include <limits>
#include <numeric>
#include <vector>

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Pairs with one value for the image and one for the text.
class FitPrototypesTest : public testing::Test {
 protected:
  PairEmbeddings Pairs() const {
    PairEmbeddings pairs;
    pairs.image = image_;
    pairs.text = text_;
    pairs.image_width = pairs.text_width = 1;
    pairs.zones = zones_;
    return pairs;
  }
  absl::StatusOr<PrototypeFit> Fit() const { return FitPrototypes(Pairs(), initial_, options_); }
  // The rows of a zone.
  std::vector<float> Zone(const PrototypeFit& fit, int zone) const {
    const auto begin = fit.matrix.begin() + zone * 2 * options_.per_zone;
    return {begin, begin + 2 * options_.per_zone};
  }

  std::vector<float> image_ = {0, 2, 10, 12, 5};
  std::vector<float> text_ = {1, 1, 3, 5, -5};
  // Zone 0: the first four; zone 3: the last two; zone 5: the last.
  std::vector<ZoneBits> zones_ = {0b000001, 0b000001, 0b000001, 0b001001, 0b101000};
  std::vector<float> initial_ = std::vector<float>(kZones * 2 * 2, 7);
  PrototypeOptions options_ = [] {
    PrototypeOptions options;
    options.per_zone = 2;
    options.start = PrototypeStart::kFirstMembers;
    return options;
  }();
};

TEST_F(FitPrototypesTest, PrototypesAreMeansOfTheMembersOfAZone) {
  const auto fit = Fit();
  ASSERT_THAT(fit, IsOk());
  EXPECT_THAT(Zone(*fit, 0), ElementsAre(1, 1, 11, 4));
  EXPECT_THAT(fit->zones[0].members, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(fit->zones[0].labels, ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(fit->zones[0].clustering.centres, ElementsAre(1, 1, 11, 4));
  EXPECT_THAT(Zone(*fit, 3), ElementsAre(12, 5, 5, -5));  // a pair may be in several zones
}

TEST_F(FitPrototypesTest, AZoneWithoutPairsKeepsItsRows) {
  const auto fit = Fit();
  ASSERT_THAT(fit, IsOk());
  for (const int zone : {1, 2, 4}) {
    EXPECT_THAT(Zone(*fit, zone), Each(7));
    EXPECT_THAT(fit->zones[zone].members, IsEmpty());
  }
}

TEST_F(FitPrototypesTest, FewerPairsThanPrototypesRepeatInTurn) {
  options_.per_zone = 3;
  initial_.assign(kZones * 3 * 2, 7);
  const auto fit = Fit();
  ASSERT_THAT(fit, IsOk());
  EXPECT_THAT(Zone(*fit, 5), ElementsAre(5, -5, 5, -5, 5, -5));
  EXPECT_THAT(Zone(*fit, 3), ElementsAre(12, 5, 5, -5, 12, 5));
  EXPECT_THAT(fit->zones[3].labels, ElementsAre(0, 1));
}

TEST_F(FitPrototypesTest, CoincidingPairsLeaveNoHoles) {
  image_.assign(5, 2);
  text_.assign(5, 3);
  const auto fit = Fit();
  ASSERT_THAT(fit, IsOk());
  EXPECT_THAT(Zone(*fit, 0), ElementsAre(2, 3, 2, 3));
}

TEST_F(FitPrototypesTest, TheSeedDecidesTheStart) {
  options_.start = PrototypeStart::kSeeded;
  const auto fit = Fit(), again = Fit();
  ASSERT_THAT(fit, IsOk());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(fit->matrix, again->matrix);
  const std::vector<float> found = Zone(*fit, 0);
  EXPECT_TRUE(found == std::vector<float>({1, 1, 11, 4}) ||
              found == std::vector<float>({11, 4, 1, 1}))
      << testing::PrintToString(found);
}

TEST_F(FitPrototypesTest, RefusesSizesThatDisagree) {
  initial_.pop_back();
  EXPECT_THAT(Fit(), StatusIs(absl::StatusCode::kInvalidArgument,
                              AllOf(HasSubstr("23 values"), HasSubstr("12 x 2"))));
  initial_.push_back(0);
  text_[4] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(Fit(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not finite")));
  text_.pop_back();
  EXPECT_THAT(Fit(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("5 pairs")));
  options_.per_zone = 0;
  EXPECT_THAT(Fit(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at least 1")));
}

}  // namespace
}  // namespace lingula
