#include "model/nets/prolearn/prototype_memory.h"

#include <cmath>

#include <gmock/gmock.h>

#include "tests/model/nets/formula_fill.h"

namespace lingula {
namespace {

using test::FormulaTensor;
using test::MaxDifference;
using testing::ElementsAre;

constexpr double kClose = 1e-6;

// Two labels with two prototypes each; image halves of two, text halves of three values.
PrototypeMemory SmallMemory(Similarity similarity, Response response) {
  PrototypeMemoryOptions options;
  options.labels = 2;
  options.prototypes = 2;
  options.query_dim = 2;
  options.response_dim = 3;
  options.similarity = similarity;
  options.response = response;
  PrototypeMemory memory(options);
  const torch::NoGradGuard no_grad;
  memory->named_parameters()["matrix"].copy_(
      torch::tensor({3.0F,  0.0F, 1.0F,  2.0F,  3.0F,   // label 0, prototype 0
                     0.0F,  0.5F, 4.0F,  5.0F,  6.0F,   // label 0, prototype 1
                     -1.0F, 0.0F, 7.0F,  8.0F,  9.0F,   // label 1, prototype 0
                     2.0F,  2.0F, 10.0F, 11.0F, 12.0F}  // label 1, prototype 1
                    )
          .view({2, 2, 5}));
  return memory;
}

const auto kQuery = [] { return torch::tensor({{4.0F, 0.0F}, {0.0F, -2.0F}}); };

TEST(PrototypeMemoryTest, CosineIgnoresLengths) {
  auto memory = SmallMemory(Similarity::kCosine, Response::kTokens);
  const Retrieval found = memory(kQuery());
  const float half = std::sqrt(0.5F);
  EXPECT_LE(MaxDifference(found.scores,
                          torch::tensor({{1.0F, 0.0F, -1.0F, half}, {0.0F, -1.0F, 0.0F, -half}})),
            kClose);
}

TEST(PrototypeMemoryTest, EuclideanIsTheNegativeDistance) {
  auto memory = SmallMemory(Similarity::kEuclidean, Response::kTokens);
  const Retrieval found = memory(kQuery().narrow(0, 0, 1));
  EXPECT_LE(MaxDifference(found.scores,
                          torch::tensor({{-1.0F, -std::sqrt(16.25F), -5.0F, -std::sqrt(8.0F)}})),
            kClose);
  EXPECT_THAT(
      std::vector<int64_t>(found.rows.data_ptr<int64_t>(), found.rows.data_ptr<int64_t>() + 3),
      ElementsAre(0, 3, 1));
}

TEST(PrototypeMemoryTest, NearestFirstAndOfEqualsTheLowerRow) {
  auto memory = SmallMemory(Similarity::kCosine, Response::kTokens);
  const Retrieval found = memory(kQuery());
  // The second query is at right angles to rows 0 and 2.
  EXPECT_TRUE(found.rows.equal(torch::tensor({{0, 3, 1}, {0, 2, 3}}, torch::kInt64)));
  EXPECT_TRUE(found.values.equal(found.scores.gather(1, found.rows)));
  EXPECT_TRUE(found.values.equal(std::get<0>(found.values.sort(1, true))));
}

TEST(PrototypeMemoryTest, TokensAreTheTextHalvesAsStored) {
  auto memory = SmallMemory(Similarity::kCosine, Response::kTokens);
  const Retrieval found = memory(kQuery());
  EXPECT_TRUE(found.response.equal(
      torch::tensor({{{1.0F, 2.0F, 3.0F}, {10.0F, 11.0F, 12.0F}, {4.0F, 5.0F, 6.0F}},
                     {{1.0F, 2.0F, 3.0F}, {7.0F, 8.0F, 9.0F}, {10.0F, 11.0F, 12.0F}}})));
}

TEST(PrototypeMemoryTest, WeightedSumIsOneVectorForEveryToken) {
  auto memory = SmallMemory(Similarity::kCosine, Response::kWeightedSum);
  const Retrieval found = memory(kQuery());
  const double a = std::exp(1.0), b = std::exp(std::sqrt(0.5)), c = std::exp(0.0);
  ASSERT_THAT(found.response.sizes(), ElementsAre(2, 3, 3));
  for (int token = 0; token < 3; ++token) {
    EXPECT_NEAR(found.response[0][token][0].item<double>(), (a * 1 + b * 10 + c * 4) / (a + b + c),
                1e-5);
  }
}

TEST(PrototypeMemoryTest, FoldedAnswersTheSameWhateverBecomesOfTheNetwork) {
  for (const Similarity similarity : {Similarity::kCosine, Similarity::kEuclidean}) {
    auto memory = SmallMemory(similarity, Response::kTokens);
    const Retrieval before = memory(kQuery());
    memory->Fold();
    memory->to(torch::kBFloat16);
    const Retrieval after = memory(kQuery().to(torch::kBFloat16));  // exact in bfloat16
    EXPECT_EQ(after.scores.scalar_type(), torch::kFloat32);
    EXPECT_TRUE(after.scores.equal(before.scores));
    EXPECT_TRUE(after.rows.equal(before.rows));
    EXPECT_TRUE(after.response.equal(before.response));
  }
}

TEST(PrototypeMemoryTest, AQueryOfZerosIsNotANumberProblem) {
  auto memory = SmallMemory(Similarity::kCosine, Response::kWeightedSum);
  const Retrieval found = memory(torch::zeros({1, 2}));
  EXPECT_TRUE(found.scores.equal(torch::zeros({1, 4})));
  EXPECT_TRUE(found.response.isfinite().all().item<bool>());
}

TEST(PrototypeMemoryTest, RefusesMoreNeighboursThanPrototypes) {
  PrototypeMemoryOptions options;
  options.labels = 1;
  options.prototypes = 2;
  EXPECT_THROW(PrototypeMemory{options}, c10::Error);
}

}  // namespace
}  // namespace lingula
