#include "tests/bench/rates.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/base/status_macros.h"
#include "tests/bench/inputs.h"
#include "tests/bench/load.h"
#include "tests/bench/scrape.h"
#include "tests/bench/stages.h"
#include "tests/bench/stats.h"

namespace lingula::bench {
namespace {

constexpr int kCallers = 16;
constexpr int kConnections = 8;
constexpr int kBatches[] = {1, 2, 4, 8};  // as many as plan.h reckons with
constexpr int kCompared = 8;              // batch size of the engines' comparison

constexpr double kThroughputAim = 0.95;
constexpr double kEngineAim = 2.7;
constexpr double kEngineFp32Aim = 1.9;

std::string RoundName(absl::string_view what, int round, const Plan& plan) {
  return absl::StrFormat("%s, round %d of %d", what, round + 1, plan.rounds);
}

// Median of a[i] / b[i]: what changes from round to round on a shared machine falls out.
double MedianRatio(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> ratios;
  for (size_t i = 0; i < a.size(); ++i) {
    ratios.push_back(a[i] / b[i]);
  }
  return Median(ratios);
}

struct Throughput {
  std::vector<double> served, batches;       // by round
  std::map<int, std::vector<double>> alone;  // the engine, by batch size
};

void Report(const Throughput& found, const std::string& input, Figures& figures) {
  const auto best = std::max_element(
      found.alone.begin(), found.alone.end(),
      [](const auto& a, const auto& b) { return Median(a.second) < Median(b.second); });
  figures.Add("throughput_ratio", MedianRatio(found.served, best->second),
              "saturated server against the best static batch of its engine",
              AtLeast(kThroughputAim));
  figures.Add("server_images_per_second", Median(found.served),
              absl::StrCat(kCallers, " callers, ", input));
  figures.Add("server_mean_batch", Median(found.batches), "samples in a batch under that load");
  for (const auto& [batch, rates] : found.alone) {
    figures.Add(
        absl::StrCat("static_", batch, "_images_per_second"), Median(rates),
        absl::StrCat("engine alone, batches of ", batch, batch == best->first ? ": the best" : ""));
  }
}

}  // namespace

absl::Status MeasureThroughput(const Target& target, Engine& engine, const InputSpec& spec,
                               const Plan& plan, Steps& steps, Figures& figures) {
  const Input input = RawOfSide(spec.side_px);
  LINGULA_ASSIGN_OR_RETURN(const Sample sample, Prepare(input, spec));
  Connections connections(target.grpc, kConnections);
  const Payload payload(input.request);
  Throughput found;
  LINGULA_ASSIGN_OR_RETURN(const Samples before, Scrape(target.metrics));
  for (int round = 0; round < plan.rounds; ++round) {
    steps.Begin(RoundName("saturated server", round, plan), plan.server_load);
    LINGULA_ASSIGN_OR_RETURN(const LoadResult load,
                             RunLoad(connections, payload, kCallers, plan.server_load));
    found.served.push_back(load.images_per_second);
    found.batches.push_back(load.mean_batch);
    steps.Begin(RoundName("engine alone", round, plan), 4 * plan.static_batch);
    for (const int batch : kBatches) {
      LINGULA_ASSIGN_OR_RETURN(found.alone[batch].emplace_back(),
                               ImagesPerSecond(engine, sample, batch, plan.static_batch));
    }
  }
  LINGULA_ASSIGN_OR_RETURN(const Samples after, Scrape(target.metrics));
  Report(found, input.name, figures);
  AddStageShares(Growth(before, after), "saturated", figures);
  return absl::OkStatus();
}

absl::Status MeasureEngines(EagerChild& eager, Engine& engine, Engine& engine_fp32,
                            const InputSpec& spec, const Plan& plan, Steps& steps,
                            Figures& figures) {
  LINGULA_ASSIGN_OR_RETURN(const Sample sample, Prepare(RawOfSide(spec.side_px), spec));
  LINGULA_RETURN_IF_ERROR(eager.ImagesPerSecond(kCompared, Plan::Millis(1)).status());  // loads
  std::vector<double> plain, ours, ours_fp32;
  for (int round = 0; round < plan.rounds; ++round) {
    steps.Begin(RoundName("engine against plain LibTorch", round, plan),
                3 * plan.engine_comparison);
    LINGULA_ASSIGN_OR_RETURN(plain.emplace_back(),
                             eager.ImagesPerSecond(kCompared, plan.engine_comparison));
    LINGULA_ASSIGN_OR_RETURN(ours.emplace_back(),
                             ImagesPerSecond(engine, sample, kCompared, plan.engine_comparison));
    LINGULA_ASSIGN_OR_RETURN(
        ours_fp32.emplace_back(),
        ImagesPerSecond(engine_fp32, sample, kCompared, plan.engine_comparison));
  }
  figures.Add("engine_ratio_vs_eager", MedianRatio(ours, plain),
              "engine as served against plain eager LibTorch, batches of 8", AtLeast(kEngineAim));
  figures.Add("engine_ratio_vs_eager_fp32", MedianRatio(ours_fp32, plain),
              "engine in float32 against the same", AtLeast(kEngineFp32Aim));
  figures.Add("engine_images_per_second", Median(ours), "engine as served");
  figures.Add("engine_fp32_images_per_second", Median(ours_fp32), "engine in float32");
  figures.Add("eager_images_per_second", Median(plain),
              "float32, contiguous, not folded, allocator as it comes");
  return absl::OkStatus();
}

}  // namespace lingula::bench
