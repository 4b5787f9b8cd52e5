// What a 1024 x 1024 X-ray costs before and after the network, on one core.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <opencv2/core.hpp>

#include "model/image/mask.h"
#include "model/image/pixels.h"
#include "model/image/png_file.h"
#include "model/image/preprocess.h"
#include "tests/model/image/synthetic.h"

namespace lingula {
namespace {

constexpr int kSide = 1024;

cv::Mat RestoredProbabilities() {
  const InputSpec spec;
  return RestoreProbabilities(test::FakeProbabilities(spec.side_px), spec, {kSide, kSide});
}

cv::Mat FakeMask() {
  return RenderMask(RestoredProbabilities(), 0.5F).mask;
}

void Decode(benchmark::State& state, const std::string& file) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(DecodeImage(file, 1, {}));
  }
  state.counters["file_bytes"] = static_cast<double>(file.size());
}

void BM_DecodePng1024(benchmark::State& state) {
  Decode(state, *EncodePng(test::FakeXray(kSide, kSide), PngEffort::kPhoto));
}
BENCHMARK(BM_DecodePng1024)->Unit(benchmark::kMicrosecond);

void BM_DecodeJpeg1024(benchmark::State& state) {
  Decode(state, test::MakeJpeg(test::FakeXray(kSide, kSide)));
}
BENCHMARK(BM_DecodeJpeg1024)->Unit(benchmark::kMicrosecond);

// Side of the picture; averaging over areas, as our bundles do.
void BM_Preprocess(benchmark::State& state) {
  const auto side = static_cast<int>(state.range(0));
  const cv::Mat picture = test::FakeXray(side, side);
  InputSpec spec;
  spec.antialias = true;
  for (auto _ : state) {
    benchmark::DoNotOptimize(Preprocess(picture, spec));
  }
}
BENCHMARK(BM_Preprocess)->Unit(benchmark::kMicrosecond)->RangeMultiplier(2)->Range(1024, 4096);

void BM_Render(benchmark::State& state) {
  const auto side = static_cast<int>(state.range(0));
  const InputSpec spec;
  const std::vector<float> probabilities = test::FakeProbabilities(spec.side_px);
  for (auto _ : state) {
    EnlargedRows rows(UprightProbabilities(probabilities, spec), {side, side});
    benchmark::DoNotOptimize(RenderMask(rows, 0.5F));
  }
}
BENCHMARK(BM_Render)->Unit(benchmark::kMicrosecond)->RangeMultiplier(2)->Range(1024, 4096);

void BM_EncodeMaskPng1024(benchmark::State& state) {
  const cv::Mat mask = FakeMask();
  for (auto _ : state) {
    benchmark::DoNotOptimize(EncodeMaskPng(mask));
  }
  state.counters["file_bytes"] = static_cast<double>(EncodeMaskPng(mask)->size());
}
BENCHMARK(BM_EncodeMaskPng1024)->Unit(benchmark::kMicrosecond);

void BM_EncodeRle1024(benchmark::State& state) {
  const cv::Mat mask = FakeMask();
  for (auto _ : state) {
    benchmark::DoNotOptimize(EncodeCocoRle(mask));
  }
}
BENCHMARK(BM_EncodeRle1024)->Unit(benchmark::kMicrosecond);

void BM_Overlay1024(benchmark::State& state) {
  const cv::Mat picture = test::FakeXray(kSide, kSide);
  const cv::Mat mask = FakeMask();
  for (auto _ : state) {
    benchmark::DoNotOptimize(EncodeOverlayPng(picture, mask));
  }
  state.counters["file_bytes"] = static_cast<double>(EncodeOverlayPng(picture, mask)->size());
}
BENCHMARK(BM_Overlay1024)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace lingula
