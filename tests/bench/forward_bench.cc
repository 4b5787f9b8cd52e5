// The forward pass by batch size and arithmetic, and main() of lingula-microbench.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "model/backend/load_engine.h"
#include "model/bundle/bundle.h"

namespace lingula {
namespace {

constexpr char kBundleFlag[] = "--bundle=";
constexpr char kBundle[] = "model/bundles/cxr-sgseg-compact/1";

// The value of --bundle=DIR, which is taken out of the arguments.
std::string TakeBundle(int& argc, char** argv) {
  std::string folder = kBundle;
  char** const end = std::remove_if(argv + 1, argv + argc, [&folder](const char* argument) {
    absl::string_view text = argument;
    if (!absl::ConsumePrefix(&text, kBundleFlag)) {
      return false;
    }
    folder = std::string(text);
    return true;
  });
  argc = static_cast<int>(end - argv);
  return folder;
}

void BM_Forward(benchmark::State& state, Engine& engine, const Sample& sample) {
  const std::vector<const Sample*> batch(state.range(0), &sample);
  for (auto _ : state) {
    benchmark::DoNotOptimize(engine.Predict(batch));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

// The engines live until the program ends; without a bundle or an instruction set there are fewer.
void RegisterForward(const std::string& folder) {
  const absl::StatusOr<Bundle> bundle = OpenBundle(folder);
  if (!bundle.ok()) {
    std::cerr << "no BM_Forward: " << bundle.status().message() << "\n";
    return;
  }
  ConfigureCompute(0);
  const InputSpec spec = InputSpecFrom(bundle->manifest.input());
  static Sample sample;
  for (int i = 0; i < spec.channels * spec.side_px * spec.side_px; ++i) {
    sample.pixels.push_back(std::sin(0.01F * static_cast<float>(i)));
  }
  static std::vector<std::unique_ptr<Engine>> engines;
  for (const auto precision : {Precision::kFloat32, Precision::kBfloat16}) {
    EngineOptions options;
    options.precision = precision;
    const std::string name = precision == Precision::kFloat32 ? "float32" : "bfloat16";
    auto engine = LoadEngine(*bundle, options);
    if (!engine.ok()) {
      std::cerr << "no BM_Forward/" << name << ": " << engine.status().message() << "\n";
      continue;
    }
    engines.push_back(*std::move(engine));
    Engine& loaded = *engines.back();
    auto* bench = benchmark::RegisterBenchmark(
        absl::StrCat("BM_Forward/", name).c_str(),
        [&loaded](benchmark::State& state) { BM_Forward(state, loaded, sample); });
    bench->ArgName("batch")->RangeMultiplier(2)->Range(1, 8);
    bench->Unit(benchmark::kMillisecond)->UseRealTime();
  }
}

}  // namespace
}  // namespace lingula

int main(int argc, char** argv) {
  lingula::WaitBriefly(argv);
  lingula::RegisterForward(lingula::TakeBundle(argc, argv));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 2;
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
