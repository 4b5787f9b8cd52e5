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
    pairs.labels = labels_;
    return pairs;
  }
  absl::StatusOr<PrototypeFit> Fit() const { return FitPrototypes(Pairs(), initial_, options_); }
  // The rows of a label.
  std::vector<float> Label(const PrototypeFit& fit, int label) const {
    const auto begin = fit.matrix.begin() + label * 2 * options_.per_label;
    return {begin, begin + 2 * options_.per_label};
  }

  std::vector<float> image_ = {0, 2, 10, 12, 5};
  std::vector<float> text_ = {1, 1, 3, 5, -5};
  // Label 0: the first four; label 3: the last two; label 5: the last.
  std::vector<LabelSet> labels_ = {{0}, {0}, {0}, {0, 3}, {3, 5}};
  std::vector<float> initial_ = std::vector<float>(6 * 2 * 2, 7);
  PrototypeOptions options_ = [] {
    PrototypeOptions options;
    options.per_label = 2;
    options.start = PrototypeStart::kFirstMembers;
    return options;
  }();
};

TEST_F(FitPrototypesTest, PrototypesAreMeansOfTheMembersOfALabel) {
  const auto fit = Fit();
  ASSERT_THAT(fit, IsOk());
  EXPECT_THAT(Label(*fit, 0), ElementsAre(1, 1, 11, 4));
  EXPECT_THAT(fit->pools[0].members, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(fit->pools[0].clusters, ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(fit->pools[0].clustering.centres, ElementsAre(1, 1, 11, 4));
  EXPECT_THAT(Label(*fit, 3), ElementsAre(12, 5, 5, -5));  // several labels a pair
}

TEST_F(FitPrototypesTest, ALabelWithoutPairsKeepsItsRows) {
  const auto fit = Fit();
  ASSERT_THAT(fit, IsOk());
  for (const int label : {1, 2, 4}) {
    EXPECT_THAT(Label(*fit, label), Each(7));
    EXPECT_THAT(fit->pools[label].members, IsEmpty());
  }
}

TEST_F(FitPrototypesTest, FewerPairsThanPrototypesRepeatInTurn) {
  options_.per_label = 3;
  initial_.assign(6 * 3 * 2, 7);
  const auto fit = Fit();
  ASSERT_THAT(fit, IsOk());
  EXPECT_THAT(Label(*fit, 5), ElementsAre(5, -5, 5, -5, 5, -5));
  EXPECT_THAT(Label(*fit, 3), ElementsAre(12, 5, 5, -5, 12, 5));
  EXPECT_THAT(fit->pools[3].clusters, ElementsAre(0, 1));
}

TEST_F(FitPrototypesTest, CoincidingPairsLeaveNoHoles) {
  image_.assign(5, 2);
  text_.assign(5, 3);
  const auto fit = Fit();
  ASSERT_THAT(fit, IsOk());
  EXPECT_THAT(Label(*fit, 0), ElementsAre(2, 3, 2, 3));
}

TEST_F(FitPrototypesTest, TheSeedDecidesTheStart) {
  options_.start = PrototypeStart::kSeeded;
  const auto fit = Fit(), again = Fit();
  ASSERT_THAT(fit, IsOk());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(fit->matrix, again->matrix);
  const std::vector<float> found = Label(*fit, 0);
  EXPECT_TRUE(found == std::vector<float>({1, 1, 11, 4}) ||
              found == std::vector<float>({11, 4, 1, 1}))
      << testing::PrintToString(found);
}

TEST_F(FitPrototypesTest, NearestMembersStandForTheirClusters) {
  image_ = {0, 2, 10, 12, 5};
  text_ = {1, 1, 3, 5, -5};
  labels_ = {{0}, {0}, {0}, {0}, {0}};
  options_.rule = PrototypeRule::kNearestMember;
  const auto fit = Fit();
  ASSERT_THAT(fit, IsOk());
  // Clusters {0, 1, 4} and {2, 3}: the means are (7/3, -1) and (11, 4).
  EXPECT_THAT(fit->pools[0].clusters, ElementsAre(0, 0, 1, 1, 0));
  EXPECT_THAT(Label(*fit, 0), ElementsAre(2, 1, 10, 3));
}

TEST_F(FitPrototypesTest, AsManyLabelsAsAskedFor) {
  options_.labels = 2;
  initial_.assign(2 * 2 * 2, 7);
  labels_ = {{0}, {}, {0, 1}, {0}, {1}};
  const auto fit = Fit();
  ASSERT_THAT(fit, IsOk());
  EXPECT_THAT(fit->pools, testing::SizeIs(2));
  EXPECT_THAT(fit->pools[0].members, ElementsAre(0, 2, 3));
  EXPECT_THAT(Label(*fit, 1), ElementsAre(10, 3, 5, -5));
  labels_[4] = {2};
  EXPECT_THAT(Fit(), StatusIs(absl::StatusCode::kInvalidArgument,
                              AllOf(HasSubstr("pair 4"), HasSubstr("from 0 to 1"))));
  labels_[4] = {1, 1};
  EXPECT_THAT(Fit(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("ascend")));
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
  options_.per_label = 0;
  EXPECT_THAT(Fit(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at least 1")));
}

}  // namespace
}  // namespace lingula
