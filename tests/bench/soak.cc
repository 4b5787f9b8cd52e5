#include "tests/bench/soak.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/str_format.h"
#include "model/base/status_macros.h"
#include "tests/bench/background.h"
#include "tests/bench/load.h"
#include "tests/bench/mixed.h"
#include "tests/bench/scrape.h"
#include "tests/bench/slope.h"
#include "tests/bench/stats.h"
#include "tests/bench/usage.h"

namespace lingula::bench {
namespace {

constexpr int kCallers = 16;
constexpr int kConnections = 8;
constexpr double kTimesPeak = 0.5;
constexpr double kWarmUp = 0.1;  // of the time
constexpr double kMostSamples = 600;
constexpr int kProgressLines = 50;
constexpr std::chrono::seconds kPeak{5}, kFlood{20};
constexpr double kMib = 1024.0 * 1024.0;

absl::StatusOr<double> ResidentMib(const Target& target) {
  if (target.pid != 0) {
    LINGULA_ASSIGN_OR_RETURN(const Memory memory, MemoryOf(target.pid));
    return memory.resident_mb * 1e6 / kMib;
  }
  if (target.metrics.empty()) {
    return absl::InvalidArgumentError("a soak of a server elsewhere needs --metrics");
  }
  LINGULA_ASSIGN_OR_RETURN(const Samples samples, Scrape(target.metrics));
  return Sum(samples, "lingula_process_resident_memory_bytes") / kMib;
}

// Memory over time, with the first error that reading it brought.
class MemoryLog {
 public:
  explicit MemoryLog(const Target& target) : target_(target), start_s_(SecondsSinceBoot()) {}

  void Look() {
    const absl::StatusOr<double> mib = ResidentMib(target_);
    status_.Update(mib.status());
    if (mib.ok()) {
      samples_.push_back({seconds(), *mib});
    }
  }
  double seconds() const { return SecondsSinceBoot() - start_s_; }
  double last_mib() const { return samples_.empty() ? 0 : samples_.back().value; }
  const absl::Status& status() const { return status_; }
  std::vector<Sampled> After(double warm_up_s) const {
    std::vector<Sampled> late;
    std::copy_if(samples_.begin(), samples_.end(), std::back_inserter(late),
                 [&](const Sampled& sample) { return sample.seconds >= warm_up_s; });
    return late;
  }

 private:
  const Target& target_;
  const double start_s_;
  absl::Status status_;
  std::vector<Sampled> samples_;
};

void ReportMemory(const MemoryLog& log, double warm_up_s, Figures& figures) {
  const std::vector<Sampled> samples = log.After(warm_up_s);
  const Slope slope = FitSlope(samples);
  figures.Add("soak_rss_slope_mib_per_hour", slope.per_second * 3600,
              absl::StrFormat("least squares of %d samples of resident memory after %.0f s",
                              samples.size(), warm_up_s),
              AtMost(1));
  figures.Add("soak_rss_slope_error_mib_per_hour", slope.error * 3600,
              "standard error of it, as if samples erred independently");
  if (!samples.empty()) {
    figures.Add("soak_rss_first_mib", samples.front().value, "after the warm-up");
    figures.Add("soak_rss_last_mib", samples.back().value, "at the end");
  }
}

void ReportAnswers(const OpenLoad& load, const Mix& mix, const Ledger& ledger, Figures& figures) {
  const Outcome outcome = Summarise(load.requests, mix.inputs(), ledger, {Nanos(0), Nanos::max()});
  figures.Add("soak_requests", static_cast<double>(ledger.size()), "mixed, at half the peak");
  figures.Add("soak_in_time", outcome.fates[Fate::kInTime], "the right mask within the deadline");
  figures.Add("soak_refused", outcome.fates[Fate::kRefused], "RESOURCE_EXHAUSTED");
  figures.Add("soak_expired", outcome.fates[Fate::kExpired], "DEADLINE_EXCEEDED");
  figures.Add("soak_late", outcome.fates[Fate::kLate], "OK after the deadline", AtMost(0));
  figures.Add("soak_broken", outcome.fates[Fate::kBroken], "what nobody deserved", AtMost(0));
  if (!outcome.useful_ms.empty()) {
    figures.Add("soak_useful_ms_p50", Median(outcome.useful_ms), "time of a useful answer");
    figures.Add("soak_useful_ms_p99", Percentile(outcome.useful_ms, 0.99), "the same");
  }
}

}  // namespace

absl::Status MeasureSoak(const Target& target, int side_px, uint64_t seed,
                         std::chrono::seconds duration, Figures& figures) {
  Steps steps(duration + kPeak + kFlood);
  Connections connections(target.grpc, kConnections);
  LINGULA_ASSIGN_OR_RETURN(const Mix mix, Mix::Learn(side_px, connections));
  steps.Begin("peak, before the soak", kPeak);
  LINGULA_ASSIGN_OR_RETURN(
      const LoadResult peak,
      RunLoad(connections, Payload(RawOfSide(side_px).request), kCallers, kPeak));
  std::mt19937_64 random(seed);
  // As many requests at a time as it will ever hold: what grows after that grows without end.
  steps.Begin("three times the peak, before the soak", kFlood);
  const OpenLoad flood = mix.Load(Pattern::kPoisson, 3 * peak.images_per_second, kFlood, random);
  Ledger flooded(flood.requests.size());
  Run(flood, connections, flooded);
  const OpenLoad load =
      mix.Load(Pattern::kPoisson, kTimesPeak * peak.images_per_second, duration, random);
  Ledger ledger(load.requests.size());
  MemoryLog log(target);
  const double length_s = std::chrono::duration<double>(duration).count();
  const double period_s = std::max(1.0, length_s / kMostSamples);
  const double step_s = std::max(period_s, length_s / kProgressLines);
  double told_s = 0;
  const auto look = [&] {
    log.Look();
    if (log.seconds() >= told_s && told_s < length_s) {
      told_s += step_s;
      steps.Begin(absl::StrFormat("soak: %d of %d answered, %.1f MiB", ledger.answered(),
                                  ledger.size(), log.last_mib()),
                  std::chrono::duration_cast<Millis>(std::chrono::duration<double>(step_s)));
    }
  };
  RunInBackground(load, connections, ledger, Nanos(static_cast<int64_t>(period_s * 1e9)), look);
  LINGULA_RETURN_IF_ERROR(log.status());
  figures.Add("soak_seconds", length_s, "how long");
  ReportMemory(log, kWarmUp * length_s, figures);
  ReportAnswers(load, mix, ledger, figures);
  return absl::OkStatus();
}

}  // namespace lingula::bench
