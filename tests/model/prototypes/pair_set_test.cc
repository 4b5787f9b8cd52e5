#include "model/prototypes/pair_set.h"

#include <cmath>

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::ElementsAre;

PairSet Pairs() {
  return {torch::tensor({{1.0F, 0.0F}, {3.0F, 0.0F}, {0.0F, 2.0F}, {0.0F, 4.0F}}),
          torch::tensor({{1.0F}, {3.0F}, {5.0F}, {7.0F}}),
          {{0}, {0}, {1}, {1}}};
}

TEST(PairSetTest, RowsOfEqualLength) {
  const auto rows = OfEqualLength(torch::tensor({{3.0F, 4.0F}, {0.0F, 0.1F}, {0.0F, 0.0F}}));
  const float root = std::sqrt(2.0F);
  EXPECT_TRUE(torch::allclose(
      rows, torch::tensor({{0.6F * root, 0.8F * root}, {0.0F, root}, {0.0F, 0.0F}})));
}

TEST(PairSetTest, MatrixHoldsMeansAndZerosForEmptyLabels) {
  auto matrix = torch::full({3, 1, 3}, 9.0F);
  const auto fit = FitMatrix(Pairs(), PrototypeOptions(), matrix);
  ASSERT_THAT(fit, IsOk());
  EXPECT_TRUE(matrix.equal(
      torch::tensor({{{2.0F, 0.0F, 2.0F}}, {{0.0F, 3.0F, 6.0F}}, {{0.0F, 0.0F, 0.0F}}})));
  EXPECT_EQ(fit->pools.size(), 3U);
  EXPECT_TRUE(fit->pools[2].members.empty());
}

TEST(PairSetTest, RefusesValuesThatAreNotFinite) {
  PairSet pairs = Pairs();
  pairs.texts[2][0] = std::nan("");
  auto matrix = torch::zeros({2, 1, 3});
  EXPECT_THAT(FitMatrix(pairs, PrototypeOptions(), matrix),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(PairSetTest, LengthsStandInTheMetadata) {
  EXPECT_TRUE(HasEqualLengths(LengthsMetadata(true)));
  EXPECT_FALSE(HasEqualLengths(LengthsMetadata(false)));
  EXPECT_FALSE(HasEqualLengths({}));
}

TEST(PairSetTest, HitsByRank) {
  Retrieval retrieval;
  // Two prototypes a label: rows 0, 1 are label 0; 2, 3 label 1; 4, 5 label 2.
  retrieval.rows = torch::tensor({{0, 3}, {2, 1}, {4, 2}, {5, 4}}, torch::kInt64);
  const HitTable table = CountHits(retrieval, {{0}, {0, 1}, {0, 1}, {}}, 3, 2);
  EXPECT_EQ(table.all.images, 3);  // the last has no label
  EXPECT_NEAR(table.all.first, 2.0 / 3, 1e-12);
  EXPECT_NEAR(table.all.any, 1, 1e-12);
  EXPECT_NEAR(table.all.all, 1.0 / 3, 1e-12);
  ASSERT_EQ(table.by_label.size(), 3U);
  EXPECT_EQ(table.by_label[1].images, 2);
  EXPECT_NEAR(table.by_label[1].first, 0.5, 1e-12);
  EXPECT_EQ(table.by_label[2].images, 0);
  EXPECT_EQ(table.by_label[2].first, 0);
}

TEST(PairSetTest, TwinsAreCountedAcrossPools) {
  // Label 0: east and north; label 1: east again and north-east; label 2 has no pairs.
  const auto matrix = torch::tensor({{{1.0F, 0.0F, 1.0F}, {0.0F, 1.0F, 2.0F}},
                                     {{2.0F, 0.0F, 3.0F}, {1.0F, 1.0F, 4.0F}},
                                     {{0.0F, 1.0F, 5.0F}, {0.0F, 1.0F, 5.0F}}});
  PrototypeFit fit;
  fit.pools.resize(3);
  fit.pools[0].members = fit.pools[1].members = {0, 1};
  EXPECT_NEAR(NearDuplicateShare(matrix.narrow(0, 0, 2), 2, fit), 0.5, 1e-12);
}

}  // namespace
}  // namespace lingula
