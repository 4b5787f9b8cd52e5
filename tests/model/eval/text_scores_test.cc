#include "model/eval/text_scores.h"

#include <array>
#include <cmath>
#include <vector>

#include <gmock/gmock.h>

namespace lingula {
namespace {

using testing::ElementsAre;

// Values of torchmetrics 1.3 for reports.
struct Case {
  TextPair pair;
  std::array<double, 4> bleu;
  double rouge;
};
constexpr char kUpperLower[] =
    "unilateral pulmonary infection, two infected areas, upper lower right lung.";
const Case kCases[] = {
    {{kUpperLower, kUpperLower}, {1, 1, 1, 1}, 1},
    {{kUpperLower, "unilateral pulmonary infection, two infected areas, upper middle right lung."},
     {0.9, 0.836660028, 0.759147227, 0.707106769},
     0.9},
    {{"no infection.", kUpperLower}, {0, 0, 0, 0}, 1.0 / 6},  // "infection." is not "infection,"
    {{"no infection.", "no infection."}, {1, 1, 0, 0}, 1},    // no 3-grams in two words
    {{"unilateral pulmonary infection, one infected area, lower left lung.",
      "bilateral pulmonary infection, two infected areas, lower left lung and lower right lung."},
     {0.427453607, 0.261760801, 0, 0},
     0.545454562},
    {{"lung", kUpperLower}, {0, 0, 0, 0}, 0.181818187},
    {{"", kUpperLower}, {0, 0, 0, 0}, 0},
    {{"", ""}, {0, 0, 0, 0}, 0},
};

TEST(TextScoresTest, AgreesWithTorchmetrics) {
  for (const Case& c : kCases) {
    const std::array<double, 4> bleu = Bleu({c.pair});
    for (int n = 0; n < 4; ++n) {
      EXPECT_NEAR(bleu[n], c.bleu[n], 1e-7) << c.pair.generated << " BLEU-" << n + 1;
    }
    EXPECT_NEAR(RougeL({c.pair}), c.rouge, 1e-7) << c.pair.generated;
  }
}

// BLEU adds counts, ROUGE-L takes the mean.
TEST(TextScoresTest, ManyPairs) {
  const std::vector<TextPair> pairs = {{"a b c d", "a b c d"}, {"e f", "g h"}};
  EXPECT_NEAR(Bleu(pairs)[0], 4.0 / 6, 1e-12);
  EXPECT_NEAR(Bleu(pairs)[1], std::sqrt(4.0 / 6 * 3 / 4), 1e-12);
  EXPECT_NEAR(RougeL(pairs), 0.5, 1e-12);
  EXPECT_THAT(Bleu({}), ElementsAre(0, 0, 0, 0));
  EXPECT_EQ(RougeL({}), 0);
}

TEST(TextScoresTest, RepeatedWordsCountAsOftenAsTheReferenceHasThem) {
  EXPECT_NEAR(Bleu({{"the the the the", "the cat the"}})[0], 0.5, 1e-12);
}

TEST(TextScoresTest, CaseAndPunctuationMatterToBleuOnly) {
  const TextPair pair = {"Upper-Left  lung.", "upper left lung"};
  EXPECT_EQ(Bleu({pair})[0], 0);
  EXPECT_EQ(RougeL({pair}), 1);
  EXPECT_EQ(Bleu({{"a\tb\n c", "a b c"}})[2], 1);
}

}  // namespace
}  // namespace lingula
