#include "model/nets/location.h"

#include <gmock/gmock.h>

#include "tests/model/nets/formula_fill.h"

namespace lingula {
namespace {

using test::FormulaTensor;
using test::MaxDifference;
using testing::ElementsAre;

class LocationTest : public testing::Test {
 protected:
  torch::NoGradGuard no_grad_;
};

// Features of a 64-pixel image.
Features SomeFeatures(int64_t batch) {
  return {FormulaTensor("input.f0", {batch, 4, 16, 16}),
          FormulaTensor("input.f1", {batch, 8, 8, 8}), FormulaTensor("input.f2", {batch, 12, 4, 4}),
          FormulaTensor("input.f3", {batch, 16, 2, 2})};
}

LocationOptions SmallOptions(int64_t queries) {
  LocationOptions options;
  options.widths = {4, 8, 12, 16};
  options.side = 4;
  options.dim = 16;
  options.heads = 2;
  options.layers = 2;
  options.queries = queries;
  return options;
}

TEST_F(LocationTest, AggregatorIsASoftmaxOverTokens) {
  LocationAggregator aggregator(2, 1);
  aggregator->named_parameters()["query"].copy_(torch::tensor({1.0F, 0.0F}));
  // X q = (ln 3, 0): weights 3/4 and 1/4.
  const float ln3 = std::log(3.0F);
  const auto x = torch::tensor({ln3, 4.0F, 0.0F, 8.0F}).view({1, 2, 2});
  const auto gathered = aggregator(x);
  EXPECT_THAT(gathered.sizes(), ElementsAre(1, 1, 2));
  EXPECT_NEAR(gathered[0][0][0].item<float>(), 0.75F * ln3, 1e-6);
  EXPECT_NEAR(gathered[0][0][1].item<float>(), 5, 1e-6);
}

TEST_F(LocationTest, EachQueryGathersForItself) {
  LocationAggregator six(8, 6);
  const auto query = six->named_parameters()["query"];
  query.copy_(FormulaTensor("agg.query", {6, 8}));
  const auto x = FormulaTensor("input.tokens", {3, 10, 8});
  const auto gathered = six(x);
  EXPECT_THAT(gathered.sizes(), ElementsAre(3, 6, 8));
  for (int64_t q = 0; q < 6; ++q) {
    LocationAggregator one(8, 1);
    one->named_parameters()["query"].copy_(query[q]);
    EXPECT_LE(MaxDifference(one(x).squeeze(1), gathered.select(1, q)), 1e-6) << q;
  }
}

TEST_F(LocationTest, TrunkShapes) {
  for (const int64_t queries : {1, 6}) {
    LocationTrunk trunk(SmallOptions(queries));
    const auto answer = trunk(SomeFeatures(3));
    EXPECT_THAT(answer.zones.sizes(), ElementsAre(3, 6));
    EXPECT_THAT(answer.coarse.sizes(), ElementsAre(3, 1, 4, 4));
  }
}

TEST_F(LocationTest, SixEqualQueriesAreAsOneShared) {
  LocationTrunk one(SmallOptions(1)), six(SmallOptions(6));
  test::FillByFormula(*one, "model.detector.");
  test::FillByFormula(*six, "model.detector.");
  six->named_parameters()["agg.query"].copy_(
      one->named_parameters()["agg.query"].unsqueeze(0).expand({6, 16}));
  const auto features = SomeFeatures(2);
  EXPECT_LE(MaxDifference(one(features).zones, six(features).zones), 1e-5);
  // And a query of its own changes that zone alone.
  six->named_parameters()["agg.query"][4].neg_();
  const auto changed = (six(features).zones - one(features).zones).abs();
  EXPECT_GT(changed.select(1, 4).max().item<float>(), 1e-3);
  EXPECT_LE(changed.narrow(1, 0, 4).max().item<float>(), 1e-5);
  EXPECT_LE(changed.select(1, 5).max().item<float>(), 1e-5);
}

// Which place is found matters: the same values elsewhere give other zones.
TEST_F(LocationTest, TrunkSeesPositions) {
  LocationTrunk trunk(SmallOptions(6));
  test::FillByFormula(*trunk, "model.detector.");
  auto features = SomeFeatures(1);
  const auto zones = trunk(features).zones;
  for (auto& feature : features) {
    feature = feature.flip({3});
  }
  EXPECT_GT(MaxDifference(trunk(features).zones, zones), 1e-3);
}

}  // namespace
}  // namespace lingula
