#include "model/calibration/trust_terms.h"

#include <cmath>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <opencv2/core.hpp>

#include "model/image/preprocess.h"

namespace lingula {
namespace {

constexpr int kSide = 32;

// Two blobs on the left of the picture: 8 x 8 at p = 0.9 and 4 x 4 at 0.6; 0.1 elsewhere.
class TrustTermsTest : public testing::Test {
 protected:
  explicit TrustTermsTest(bool transposed = false) {
    cv::Mat map(kSide, kSide, CV_32FC1, cv::Scalar(0.1));
    map(cv::Rect(2, 4, 8, 8)).setTo(0.9);
    map(cv::Rect(2, 20, 4, 4)).setTo(0.6);
    spec_.side_px = kSide;
    spec_.transpose = transposed;
    const cv::Mat laid = transposed ? cv::Mat(map.t()) : map;
    prediction_.probabilities.assign(laid.begin<float>(), laid.end<float>());
  }

  double Term(TrustTerm term) const {
    const MaskSums sums =
        RenderMask(RestoreProbabilities(prediction_.probabilities, spec_, {kSide, kSide}), 0.5F)
            .sums;
    return lingula::Term(TrustTermsOf(prediction_, sums, {0.5F, true, spec_.transpose, guided_by_}),
                         term);
  }

  InputSpec spec_;
  Prediction prediction_;
  std::optional<ZoneWeights> guided_by_;
};

TEST_F(TrustTermsTest, SumsByHand) {
  const double inside = 64 * 0.9 + 16 * 0.6, all = inside + (1024 - 80) * 0.1;
  EXPECT_NEAR(Term(TrustTerm::kSoftDice), 2 * inside / (all + 80), 1e-5);
  EXPECT_NEAR(Term(TrustTerm::kLogArea), std::log(80.0 / 1024), 1e-9);
  EXPECT_NEAR(Term(TrustTerm::kMeanInside), inside / 80, 1e-5);
  EXPECT_NEAR(Term(TrustTerm::kShareOutside), 1 - inside / all, 1e-5);
  EXPECT_NEAR(Term(TrustTerm::kMaxProbability), 0.9, 1e-6);
}

TEST_F(TrustTermsTest, PlacesByHand) {
  EXPECT_NEAR(Term(TrustTerm::kLogComponents), std::log(2.0), 1e-12);
  EXPECT_NEAR(Term(TrustTerm::kLargestPart), 64.0 / 80, 1e-12);
  EXPECT_NEAR(Term(TrustTerm::kSpread), std::log(81.0 / 65), 1e-12);
  // The band is 3 pixels on each side of the edges: of the large blob all but its 2 x 2 middle.
  EXPECT_GT(Term(TrustTerm::kBandEntropy), Term(TrustTerm::kMeanEntropy));
  EXPECT_LT(Term(TrustTerm::kBandEntropy), 0.6);
}

TEST_F(TrustTermsTest, WithoutZonesAndPrototypesTheirTermsAreZero) {
  for (const TrustTerm term :
       {TrustTerm::kZoneEntropy, TrustTerm::kZoneCount, TrustTerm::kSidesAgree,
        TrustTerm::kSimilarity, TrustTerm::kSimilarityGap}) {
    EXPECT_EQ(Term(term), 0) << NameOf(term);
  }
}

TEST_F(TrustTermsTest, ZonesAgreeWithTheSideOfTheMask) {
  prediction_.zones = ZoneProbabilities{0.5F, 0, 0, 0, 0, 0};  // image left upper
  EXPECT_DOUBLE_EQ(Term(TrustTerm::kSidesAgree), 1);
  EXPECT_NEAR(Term(TrustTerm::kZoneEntropy), 1.0 / 6, 1e-12);
  EXPECT_NEAR(Term(TrustTerm::kZoneCount), 0.5, 1e-12);
  prediction_.zones = ZoneProbabilities{0, 0, 0, 0, 1, 0};  // image right
  EXPECT_DOUBLE_EQ(Term(TrustTerm::kSidesAgree), 0);
  prediction_.zones = ZoneProbabilities{1, 0, 0, 0, 0, 1};
  EXPECT_DOUBLE_EQ(Term(TrustTerm::kSidesAgree), 1);
}

class TransposedTrustTermsTest : public TrustTermsTest {
 protected:
  TransposedTrustTermsTest() : TrustTermsTest(true) {}
};

TEST_F(TransposedTrustTermsTest, LeftIsStillLeft) {
  prediction_.zones = ZoneProbabilities{1, 0, 0, 0, 0, 0};
  EXPECT_DOUBLE_EQ(Term(TrustTerm::kSidesAgree), 1);
  EXPECT_NEAR(Term(TrustTerm::kLargestPart), 64.0 / 80, 1e-12);
}

TEST_F(TrustTermsTest, PrototypesAreNoted) {
  prediction_.prototypes = {{0, 0, 0.8F}, {1, 0, 0.7F}};
  prediction_.prototype_margin = 0.25F;
  EXPECT_NEAR(Term(TrustTerm::kSimilarity), 0.8, 1e-6);
  EXPECT_NEAR(Term(TrustTerm::kSimilarityGap), 0.25, 1e-6);
}

TEST(TrustTermNamesTest, AreDifferent) {
  std::set<std::string> names;
  for (int i = 0; i < kTrustTerms; ++i) {
    names.insert(std::string(NameOf(static_cast<TrustTerm>(i))));
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(kTrustTerms));
}

}  // namespace
}  // namespace lingula
