#include "tests/bench/rates.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/base/status_macros.h"
#include "tests/bench/bare.h"
#include "tests/bench/inputs.h"
#include "tests/bench/load.h"
#include "tests/bench/scrape.h"
#include "tests/bench/stages.h"
#include "tests/bench/stats.h"

namespace lingula::bench {
namespace {

constexpr int kCallers = 16;
constexpr int kConnections = 8;
constexpr int kBatches[] = {1, 2, 4, 8};
constexpr int kCompared = 8;  // batch size of the engines' comparison

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

// A way to call the engine bare.
struct Way {
  CpuShare share;
  int batch;
  std::vector<double> rates;  // by round

  std::string Key() const {
    return absl::StrCat("static_", batch, share.instances > 1 ? "_side_by_side" : "",
                        "_images_per_second");
  }
  std::string Meaning() const {
    const std::string passes =
        share.instances > 1 ? absl::StrCat(", ", share.instances, " passes side by side") : "";
    return absl::StrCat("engine alone, batches of ", batch, passes);
  }
};

std::vector<Way> WaysBeside(const CpuShare& served) {
  std::vector<Way> ways;
  for (const int batch : kBatches) {
    ways.push_back({AllCores(), batch, {}});
  }
  for (const int batch : kBatches) {
    if (served.instances > 1) {
      ways.push_back({served, batch, {}});
    }
  }
  return ways;
}

struct Throughput {
  std::vector<double> served, batches;  // by round
  std::vector<Way> ways;
};

void Report(const Throughput& found, const std::string& input, Figures& figures) {
  const auto best = std::max_element(
      found.ways.begin(), found.ways.end(),
      [](const Way& a, const Way& b) { return Median(a.rates) < Median(b.rates); });
  figures.Add("throughput_ratio", MedianRatio(found.served, best->rates),
              absl::StrCat("saturated server against its ", best->Meaning()),
              AtLeast(kThroughputAim));
  figures.Add("server_images_per_second", Median(found.served),
              absl::StrCat(kCallers, " callers, ", input));
  figures.Add("server_mean_batch", Median(found.batches), "samples in a batch under that load");
  for (const Way& way : found.ways) {
    figures.Add(way.Key(), Median(way.rates), way.Meaning());
  }
}

}  // namespace

absl::Status MeasureThroughput(const ServerChild& server, Engine& engine, const InputSpec& spec,
                               const Plan& plan, Steps& steps, Figures& figures) {
  const Input input = RawOfSide(spec.side_px);
  LINGULA_ASSIGN_OR_RETURN(const Sample sample, Prepare(input, spec));
  const Target& target = server.target();
  Connections connections(target.grpc, kConnections);
  const Payload payload(input.request);
  Throughput found;
  found.ways = WaysBeside(server.share());
  LINGULA_ASSIGN_OR_RETURN(const Samples before, Scrape(target.metrics));
  for (int round = 0; round < plan.rounds; ++round) {
    steps.Begin(RoundName("saturated server", round, plan), plan.server_load);
    LINGULA_ASSIGN_OR_RETURN(const LoadResult load,
                             RunLoad(connections, payload, kCallers, plan.server_load));
    found.served.push_back(load.images_per_second);
    found.batches.push_back(load.mean_batch);
    steps.Begin(RoundName("engine alone", round, plan),
                static_cast<int>(found.ways.size()) * plan.static_batch);
    for (Way& way : found.ways) {
      LINGULA_ASSIGN_OR_RETURN(
          way.rates.emplace_back(),
          ImagesPerSecond(engine, sample, way.batch, way.share, plan.static_batch));
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
    LINGULA_ASSIGN_OR_RETURN(
        ours.emplace_back(),
        ImagesPerSecond(engine, sample, kCompared, AllCores(), plan.engine_comparison));
    LINGULA_ASSIGN_OR_RETURN(
        ours_fp32.emplace_back(),
        ImagesPerSecond(engine_fp32, sample, kCompared, AllCores(), plan.engine_comparison));
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
