// What an engine promises (model/engine/engine.h), asked of SGSeg through LoadEngine.
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <torch/torch.h>

#include "model/backend/load_engine.h"
#include "model/text/report_grammar.h"
#include "tests/model/backend/made_bundle.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::Each;
using testing::HasSubstr;

// Products of a few channels by a few pixels, which only the tiny network has, are summed in an
// order that depends on their size. Measured in float32: up to 1.1e-6. Networks of real size:
// nothing.
constexpr double kTinyReordering = 2e-6;

bool Runs(Precision precision) {
  return precision != Precision::kBfloat16 || __builtin_cpu_supports("avx512bf16") != 0;
}

std::unique_ptr<Engine> MakeEngine(const bundle::v1::Manifest& manifest, Precision precision) {
  const test::TempFolder folder;  // the engine keeps nothing of the bundle
  const auto bundle = OpenBundle(test::MakeBundle(folder.path(), manifest));
  EngineOptions options;
  options.precision = precision;
  return LoadEngine(bundle.value(), options).value();
}

std::vector<absl::StatusOr<Prediction>> Predict(Engine& engine,
                                                const std::vector<Sample>& samples) {
  std::vector<const Sample*> batch;
  for (const Sample& sample : samples) {
    batch.push_back(&sample);
  }
  return engine.Predict(batch);
}

Prediction Solo(Engine& engine, const Sample& sample) {
  auto answers = Predict(engine, {sample});
  EXPECT_EQ(answers.size(), 1U);
  return answers[0].value();
}

// Largest difference of any probability; 2 where something else differs.
double Difference(const Prediction& a, const Prediction& b) {
  if (a.probabilities.size() != b.probabilities.size() || a.report != b.report ||
      a.guidance != b.guidance) {
    return 2;
  }
  double largest = 0;
  for (size_t i = 0; i < a.probabilities.size(); ++i) {
    largest = std::max<double>(largest, std::abs(a.probabilities[i] - b.probabilities[i]));
  }
  for (int z = 0; z < kZones; ++z) {
    largest = std::max<double>(largest, std::abs((*a.zones)[z] - (*b.zones)[z]));
  }
  return largest;
}

class SgsegEngineTest : public testing::TestWithParam<Precision> {
 protected:
  void SetUp() override {
    torch::set_num_threads(1);
    if (!Runs(GetParam())) {
      GTEST_SKIP() << "this processor has no bfloat16";
    }
    engine_ = MakeEngine(manifest_, GetParam());
  }

  const bundle::v1::Manifest manifest_ = test::TinyManifest();
  const std::vector<Sample> samples_ = test::MakeSamples(manifest_, 5);
  std::unique_ptr<Engine> engine_;
};

TEST_P(SgsegEngineTest, AnswersHaveTheirShapesAndRanges) {
  const auto answers = Predict(*engine_, samples_);
  ASSERT_EQ(answers.size(), samples_.size());
  for (const auto& answer : answers) {
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->probabilities.size(), 64U * 64U);
    EXPECT_THAT(answer->probabilities, Each(testing::AllOf(testing::Ge(0), testing::Le(1))));
    EXPECT_THAT(answer->zones.value(), Each(testing::AllOf(testing::Ge(0), testing::Le(1))));
    EXPECT_EQ(answer->guidance, GuidanceMode::kGeneratedReport);
    EXPECT_EQ(answer->report, ReportFor(Reported(*answer->zones)));
  }
  EXPECT_GT(Difference(*answers[0], *answers[1]), 0.01);
}

TEST_P(SgsegEngineTest, CallersReportGuidesTheMask) {
  const Prediction own = Solo(*engine_, samples_[0]);
  Sample told = samples_[0];
  told.guidance = GuidanceMode::kReport;
  told.report = Reported(*own.zones);
  const Prediction same = Solo(*engine_, told);
  EXPECT_EQ(same.guidance, GuidanceMode::kReport);
  EXPECT_EQ(same.report, own.report);
  EXPECT_EQ(same.probabilities, own.probabilities);  // the same words, whoever says them

  told.report.flip();
  const Prediction other = Solo(*engine_, told);
  EXPECT_EQ(other.report, ReportFor(told.report));
  EXPECT_NE(other.probabilities, own.probabilities);
  EXPECT_EQ(other.zones, own.zones);  // what the network sees does not depend on what it is told
}

TEST_P(SgsegEngineTest, WithheldMeansNoText) {
  Sample withheld = samples_[0];
  withheld.guidance = GuidanceMode::kWithheld;
  const Prediction answer = Solo(*engine_, withheld);
  EXPECT_EQ(answer.guidance, GuidanceMode::kWithheld);
  EXPECT_EQ(answer.report, "");
  EXPECT_NE(answer.probabilities, Solo(*engine_, samples_[0]).probabilities);
}

TEST_P(SgsegEngineTest, ABadSampleFailsAlone) {
  std::vector<Sample> mixed = {samples_[0], samples_[1], samples_[2], samples_[3]};
  mixed[1].pixels.pop_back();
  mixed[2].guidance = GuidanceMode::kPrototypes;
  EXPECT_FALSE(engine_->Supports(GuidanceMode::kPrototypes));
  const auto answers = Predict(*engine_, mixed);
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_THAT(answers[1], StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("needs 4096")));
  EXPECT_THAT(answers[2], StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("prototypes")));
  for (const int good : {0, 3}) {
    ASSERT_THAT(answers[good], IsOk());
    EXPECT_LE(Difference(*answers[good], Solo(*engine_, mixed[good])), kTinyReordering) << good;
  }
}

TEST_P(SgsegEngineTest, NothingButBadSamples) {
  const auto answers = Predict(*engine_, {Sample(), Sample()});
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_THAT(answers, Each(StatusIs(absl::StatusCode::kInvalidArgument)));
}

// All three ways of guidance side by side in one batch.
TEST_P(SgsegEngineTest, MixedGuidanceInOneBatch) {
  std::vector<Sample> mixed = {samples_[0], samples_[0], samples_[0]};
  mixed[1].guidance = GuidanceMode::kWithheld;
  mixed[2].guidance = GuidanceMode::kReport;
  mixed[2].report = ZoneBits(0b101010);
  const auto answers = Predict(*engine_, mixed);
  for (size_t i = 0; i < mixed.size(); ++i) {
    ASSERT_THAT(answers[i], IsOk());
    EXPECT_LE(Difference(*answers[i], Solo(*engine_, mixed[i])), kTinyReordering) << i;
  }
}

// The mask of the flipped report, beside an unchanged first one, whoever else is in the batch.
TEST_P(SgsegEngineTest, ASecondOpinionIsTheMaskUnderTheNextReport) {
  ASSERT_TRUE(engine_->GivesSecondOpinions());
  std::vector<Sample> samples = test::MakeSamples(manifest_, 3);
  samples[0].second_opinion = samples[2].second_opinion = true;
  const auto answers = Predict(*engine_, samples);
  for (const size_t i : {0U, 2U}) {
    ASSERT_THAT(answers[i], IsOk());
    Sample plain = samples[i];
    plain.second_opinion = false;
    EXPECT_LE(Difference(*answers[i], Solo(*engine_, plain)), kTinyReordering) << i;
    ASSERT_TRUE(answers[i]->second.has_value());
    plain.guidance = GuidanceMode::kReport;
    plain.report = SecondReport(*answers[i]->zones);
    Prediction told = Solo(*engine_, plain);
    EXPECT_EQ(answers[i]->second->report, told.report);
    EXPECT_NE(answers[i]->second->report, answers[i]->report);
    Prediction second = told;
    second.probabilities = answers[i]->second->probabilities;
    EXPECT_LE(Difference(second, told), kTinyReordering) << i;
  }
  EXPECT_FALSE(answers[1]->second.has_value());
  samples[0].guidance = GuidanceMode::kReport;
  EXPECT_THAT(Predict(*engine_, samples)[0], StatusIs(absl::StatusCode::kInvalidArgument));
}

INSTANTIATE_TEST_SUITE_P(All, SgsegEngineTest,
                         testing::Values(Precision::kFloat32, Precision::kBfloat16),
                         [](const auto& p) {
                           return p.param == Precision::kFloat32 ? "float32" : "bfloat16";
                         });

// An answer does not depend on its company: each of five samples alone and in batches of 2 to 5.
struct Network {
  const char* name;
  bundle::v1::Manifest (*manifest)();
  Precision precision;
  double allowed;  // difference between batches
};

class SgsegBatchTest : public testing::TestWithParam<Network> {};

TEST_P(SgsegBatchTest, AnswersDoNotDependOnTheBatch) {
  const Network& network = GetParam();
  if (!Runs(network.precision)) {
    GTEST_SKIP() << "this processor has no bfloat16";
  }
  torch::set_num_threads(1);
  const auto manifest = network.manifest();
  const auto engine = MakeEngine(manifest, network.precision);
  const auto samples = test::MakeSamples(manifest, 5);
  const auto whole = Predict(*engine, samples);
  for (size_t i = 0; i < samples.size(); ++i) {
    ASSERT_THAT(whole[i], IsOk());
    EXPECT_LE(Difference(*whole[i], Solo(*engine, samples[i])), network.allowed) << i;
  }
  for (size_t size = 2; size < samples.size(); ++size) {
    const auto answers = Predict(*engine, {samples.begin(), samples.begin() + size});
    for (size_t i = 0; i < size; ++i) {
      ASSERT_THAT(answers[i], IsOk());
      EXPECT_LE(Difference(*answers[i], *whole[i]), network.allowed) << i << " of " << size;
    }
  }
  // Nor on its place.
  const auto turned = Predict(*engine, {samples.rbegin(), samples.rend()});
  for (size_t i = 0; i < samples.size(); ++i) {
    EXPECT_EQ(Difference(*turned[samples.size() - 1 - i], *whole[i]), 0) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, SgsegBatchTest,
    testing::Values(Network{"tiny_float32", test::TinyManifest, Precision::kFloat32,
                            kTinyReordering},
                    Network{"tiny_bfloat16", test::TinyManifest, Precision::kBfloat16, 0},
                    Network{"compact_float32", test::CompactManifest, Precision::kFloat32, 0},
                    Network{"compact_bfloat16", test::CompactManifest, Precision::kBfloat16, 0}),
    [](const auto& p) { return std::string(p.param.name); });

}  // namespace
}  // namespace lingula
