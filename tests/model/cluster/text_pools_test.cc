#include "model/cluster/text_pools.h"

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

// Three groups on a line of 5, 4 and 3 texts, and one text far from all.
const std::vector<float> kTexts = {0,     0.1F,  0.2F, 0.3F,  0.4F,  10, 10.1F,
                                   10.2F, 10.3F, 13,   13.1F, 13.2F, 30};

TextPoolOptions Options() {
  TextPoolOptions options;
  options.hdbscan.min_cluster_size = 3;
  options.hdbscan.min_samples = 2;
  return options;
}

TEST(TextPoolsTest, ClustersAreNumberedBySizeAndNoiseJoinsItsNearest) {
  const auto pools = PoolTexts(Rows<float>(kTexts, 1), Options());
  ASSERT_THAT(pools, IsOk());
  EXPECT_EQ(pools->count, 3);
  EXPECT_EQ(pools->found, 3);
  EXPECT_EQ(pools->noise, 1);
  EXPECT_THAT(pools->labels, ElementsAre(0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2));
}

TEST(TextPoolsTest, NoiseMayBeLeftOut) {
  TextPoolOptions options = Options();
  options.noise_joins = false;
  const auto pools = PoolTexts(Rows<float>(kTexts, 1), options);
  ASSERT_THAT(pools, IsOk());
  EXPECT_EQ(pools->labels.back(), -1);
  EXPECT_EQ(pools->count, 3);
}

// The three near 13 are the smallest; the four near 10 are nearer than the five near 0.
TEST(TextPoolsTest, TheSmallestJoinsItsNearest) {
  TextPoolOptions options = Options();
  options.noise_joins = false;
  options.most = 2;
  const auto pools = PoolTexts(Rows<float>(kTexts, 1), options);
  ASSERT_THAT(pools, IsOk());
  EXPECT_EQ(pools->count, 2);
  EXPECT_EQ(pools->found, 3);
  EXPECT_THAT(pools->labels, ElementsAre(1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, -1));
  options.most = 1;
  EXPECT_THAT(PoolTexts(Rows<float>(kTexts, 1), options)->labels,
              ElementsAre(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1));
}

TEST(TextPoolsTest, SaysWhatIsWrong) {
  TextPoolOptions options = Options();
  options.most = 0;
  EXPECT_THAT(PoolTexts(Rows<float>(kTexts, 1), options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at most 0")));
  options = Options();
  options.hdbscan.min_cluster_size = 8;
  options.hdbscan.min_samples = 8;
  EXPECT_THAT(PoolTexts(Rows<float>(kTexts, 1), options),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("than 8")));
}

TEST(TextPoolsTest, NearestLabelOfTextsAndOfNoise) {
  const std::vector<float> texts = {0, 5, 6};
  const std::vector<int32_t> labels = {3, -1, 4};
  const auto nearest = [&](float text, bool labelled_only) {
    return NearestLabel(Rows<float>(texts, 1), labels, absl::MakeConstSpan(&text, 1),
                        labelled_only);
  };
  EXPECT_EQ(nearest(1, false), 3);
  EXPECT_EQ(nearest(5.2F, false), -1);
  EXPECT_EQ(nearest(5.2F, true), 4);
}

}  // namespace
}  // namespace lingula
