// What a picture of 224 x 224 costs before and after the network, its figures of quality included.
#include <optional>
#include <vector>

#include <benchmark/benchmark.h>

#include "model/bundle/bundle.h"
#include "model/calibration/calibration.h"
#include "model/calibration/trust.h"
#include "model/image/entropy.h"
#include "model/image/preprocess.h"
#include "tests/model/image/synthetic.h"

namespace lingula {
namespace {

constexpr char kBundle[] = "model/bundles/cxr-sgseg-compact/1";  // ./dev run starts at the root

Prediction FakePrediction(int side) {
  Prediction prediction;
  prediction.probabilities = test::FakeProbabilities(side);
  prediction.zones = ZoneProbabilities{0.9F, 0.2F, 0.1F, 0.8F, 0.6F, 0.3F};
  return prediction;
}

void BM_RenderMask224(benchmark::State& state) {
  const InputSpec spec;
  const Prediction prediction = FakePrediction(spec.side_px);
  for (auto _ : state) {
    benchmark::DoNotOptimize(RenderMask(
        RestoreProbabilities(prediction.probabilities, spec, {spec.side_px, spec.side_px}), 0.5F));
  }
}
BENCHMARK(BM_RenderMask224)->Unit(benchmark::kMicrosecond);

void BM_Preprocess224(benchmark::State& state) {
  const InputSpec spec;
  const cv::Mat picture = test::FakeXray(spec.side_px, spec.side_px);
  for (auto _ : state) {
    benchmark::DoNotOptimize(Preprocess(picture, spec));
  }
}
BENCHMARK(BM_Preprocess224)->Unit(benchmark::kMicrosecond);

void BM_EncodeRle224(benchmark::State& state) {
  const InputSpec spec;
  const Prediction prediction = FakePrediction(spec.side_px);
  const RenderedMask rendered = RenderMask(
      RestoreProbabilities(prediction.probabilities, spec, {spec.side_px, spec.side_px}), 0.5F);
  for (auto _ : state) {
    benchmark::DoNotOptimize(EncodeCocoRle(rendered.mask));
  }
}
BENCHMARK(BM_EncodeRle224)->Unit(benchmark::kMicrosecond);

void BM_MeanEntropy224(benchmark::State& state) {
  const std::vector<float> probabilities = test::FakeProbabilities(InputSpec().side_px);
  for (auto _ : state) {
    benchmark::DoNotOptimize(MeanEntropyBits(probabilities));
  }
}
BENCHMARK(BM_MeanEntropy224)->Unit(benchmark::kMicrosecond);

// All figures of quality, with the default bundle's calibration.
void BM_Trust224(benchmark::State& state) {
  const absl::StatusOr<Bundle> bundle = OpenBundle(kBundle);
  if (!bundle.ok()) {
    return state.SkipWithError(bundle.status().ToString().c_str());
  }
  const auto calibration = Calibration::Load(*bundle);
  const InputSpec spec = InputSpecFrom(bundle->manifest.input());
  Prediction prediction = FakePrediction(spec.side_px);
  while (prediction.features.size() < 4096 && !(*calibration)->Judge(prediction.features)) {
    prediction.features.push_back(0.1F);
  }
  const RenderedMask rendered = RenderMask(
      RestoreProbabilities(prediction.probabilities, spec, {spec.side_px, spec.side_px}), 0.5F);
  Asked asked;
  asked.transposed = spec.transpose;
  asked.guided_by = GuidedBy(prediction, std::nullopt, false);
  for (auto _ : state) {
    benchmark::DoNotOptimize(TrustIn(&**calibration, prediction, rendered.sums, asked));
  }
  state.counters["features"] = static_cast<double>(prediction.features.size());
}
BENCHMARK(BM_Trust224)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace lingula
