// What an engine promises (model/engine/engine.h), asked of ProLearn through LoadEngine.
#include <algorithm>
#include <memory>

#include <gmock/gmock.h>
#include <torch/torch.h>

#include "model/backend/load_engine.h"
#include "model/train/recipe.h"
#include "tests/model/backend/made_bundle.h"
#include "tests/model/backend/made_prolearn.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/model/train/prolearn_data.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;

train::v1::Recipe Compact(const char* name) {
  return ReadRecipe(std::string("model/recipes/") + name + ".textproto").value();
}

std::vector<absl::StatusOr<Prediction>> Predict(Engine& engine,
                                                const std::vector<Sample>& samples) {
  std::vector<const Sample*> batch;
  for (const Sample& sample : samples) {
    batch.push_back(&sample);
  }
  return engine.Predict(batch);
}

std::vector<Sample> Samples(const bundle::v1::Manifest& manifest, int count) {
  std::vector<Sample> samples = test::MakeSamples(manifest, count);
  for (Sample& sample : samples) {
    sample.guidance = GuidanceMode::kPrototypes;
  }
  return samples;
}

std::unique_ptr<Engine> MakeEngine(const train::v1::Recipe& recipe, Precision precision) {
  const test::TempFolder folder;  // the engine keeps nothing of the bundle
  const auto bundle = OpenBundle(test::MakeProlearnBundle(folder.path(), recipe));
  EngineOptions options;
  options.precision = precision;
  return LoadEngine(bundle.value(), options).value();
}

void ExpectEqual(const Prediction& a, const Prediction& b) {
  EXPECT_EQ(a.probabilities, b.probabilities);
  EXPECT_EQ(a.prototype_margin, b.prototype_margin);
  ASSERT_EQ(a.prototypes.size(), b.prototypes.size());
  for (size_t i = 0; i < a.prototypes.size(); ++i) {
    EXPECT_EQ(a.prototypes[i].label, b.prototypes[i].label);
    EXPECT_EQ(a.prototypes[i].index, b.prototypes[i].index);
    EXPECT_EQ(a.prototypes[i].similarity, b.prototypes[i].similarity);
  }
}

struct Network {
  const char* name;
  const char* recipe;
  Precision precision;
};

class ProlearnBatchTest : public testing::TestWithParam<Network> {};

// To the bit: masks, prototypes, similarities.
TEST_P(ProlearnBatchTest, AnswersDoNotDependOnTheBatch) {
  if (GetParam().precision == Precision::kBfloat16 && !__builtin_cpu_supports("avx512bf16")) {
    GTEST_SKIP() << "this processor has no bfloat16";
  }
  torch::set_num_threads(1);
  const auto recipe = Compact(GetParam().recipe);
  const auto engine = MakeEngine(recipe, GetParam().precision);
  const std::vector<Sample> samples = Samples(recipe.bundle(), 5);
  const auto whole = Predict(*engine, samples);
  const auto turned = Predict(*engine, {samples.rbegin(), samples.rend()});
  for (size_t i = 0; i < samples.size(); ++i) {
    ASSERT_THAT(whole[i], IsOk());
    ExpectEqual(*Predict(*engine, {samples[i]}).front(), *whole[i]);
    ExpectEqual(*turned[samples.size() - 1 - i], *whole[i]);
  }
  const auto some = Predict(*engine, {samples.begin(), samples.begin() + 3});
  for (size_t i = 0; i < some.size(); ++i) {
    ExpectEqual(*some[i], *whole[i]);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ProlearnBatchTest,
    testing::Values(Network{"cxr_float32", "cxr-prolearn-compact", Precision::kFloat32},
                    Network{"cxr_bfloat16", "cxr-prolearn-compact", Precision::kBfloat16},
                    Network{"polyp_float32", "polyp-prolearn-compact", Precision::kFloat32}),
    [](const auto& p) { return std::string(p.param.name); });

TEST(ProlearnEngineTest, AnswersNameTheirPrototypes) {
  torch::set_num_threads(1);
  const auto recipe = test::TinyProlearn();
  const auto engine = MakeEngine(recipe, Precision::kFloat32);
  EXPECT_TRUE(engine->Supports(GuidanceMode::kPrototypes));
  EXPECT_FALSE(engine->Supports(GuidanceMode::kReport));
  std::vector<Sample> samples = Samples(recipe.bundle(), 2);
  samples.push_back(samples.front());
  samples.back().guidance = GuidanceMode::kWithheld;
  const auto answers = Predict(*engine, samples);
  for (const auto& answer : answers) {
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->probabilities.size(), 64U * 64U);
  }
  ASSERT_EQ(answers[0]->prototypes.size(), 3U);
  EXPECT_GE(answers[0]->prototypes[0].similarity, answers[0]->prototypes[1].similarity);
  EXPECT_GE(answers[0]->prototype_margin, 0);
  EXPECT_TRUE(answers[2]->prototypes.empty());
  EXPECT_NE(answers[2]->probabilities, answers[0]->probabilities);
}

TEST(ProlearnEngineTest, ASecondOpinionIsGuidedByTheNextPrototypes) {
  torch::set_num_threads(1);
  const auto recipe = test::TinyProlearn();
  const auto engine = MakeEngine(recipe, Precision::kFloat32);
  ASSERT_TRUE(engine->GivesSecondOpinions());
  std::vector<Sample> samples = Samples(recipe.bundle(), 2);
  const auto plain = Predict(*engine, samples);
  samples[1].second_opinion = true;
  const auto answers = Predict(*engine, samples);
  ASSERT_THAT(answers[1], IsOk());
  ExpectEqual(*answers[1], *plain[1]);
  EXPECT_FALSE(answers[0]->second.has_value());
  ASSERT_TRUE(answers[1]->second.has_value());
  const SecondPrediction& second = *answers[1]->second;
  EXPECT_EQ(second.probabilities.size(), 64U * 64U);
  EXPECT_NE(second.probabilities, answers[1]->probabilities);
  const auto& first = answers[1]->prototypes;
  ASSERT_EQ(second.prototypes.size(), first.size());
  // They follow on the first ones: the margin is the step between the two.
  EXPECT_FLOAT_EQ(first.back().similarity - second.prototypes.front().similarity,
                  answers[1]->prototype_margin);
  EXPECT_GE(second.prototype_margin, 0);
}

}  // namespace
}  // namespace lingula
