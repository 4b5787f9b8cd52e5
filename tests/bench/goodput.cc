#include "tests/bench/goodput.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/base/status_macros.h"
#include "tests/bench/load.h"
#include "tests/bench/open_load.h"
#include "tests/bench/outcome.h"
#include "tests/bench/scrape.h"
#include "tests/bench/stats.h"
#include "tests/bench/usage.h"

namespace lingula::bench {
namespace {

constexpr int kCallers = 32;
constexpr int kConnections = 8;
constexpr double kGoodputAim = 0.95;
constexpr int kBurst = 32;

// One kind of overload.
struct Offer {
  const char* key;
  double times;  // the peak
  Pattern pattern;
  const char* name;
};
constexpr Offer kOffers[] = {
    {"1x", 1, Pattern::kPoisson, "as many requests as the peak, at random moments"},
    {"2x", 2, Pattern::kPoisson, "2 times the peak"},
    {"3x", 3, Pattern::kPoisson, "3 times the peak"},
    {"4x", 4, Pattern::kPoisson, "4 times the peak"},
    {"3x_bursts", 3, Pattern::kBursts, "3 times the peak, 32 at a time"},
};
constexpr int kOfferCount = static_cast<int>(sizeof(kOffers) / sizeof(kOffers[0]));

Traffic TrafficOf(const Offer& offer) {
  Traffic traffic;
  traffic.deadlines = {Millis(100), Millis(250), Millis(500), Millis(1000), Millis(2000)};
  traffic.pattern = offer.pattern;
  traffic.burst = kBurst;
  return traffic;
}

// What several rounds of one offer came to.
struct Overload {
  std::vector<double> ratios, client_shares, batches;
  Outcome all;

  void Add(const Outcome& outcome, double peak, double client_share, double mean_batch) {
    batches.push_back(mean_batch);
    ratios.push_back(outcome.useful_per_second / peak);
    client_shares.push_back(client_share);
    all.fates += outcome.fates;
    const auto append = [](std::vector<double>& to, const std::vector<double>& from) {
      to.insert(to.end(), from.begin(), from.end());
    };
    append(all.useful_ms, outcome.useful_ms);
    append(all.refused_ms, outcome.refused_ms);
    all.latest_ms = std::max(all.latest_ms, outcome.latest_ms);
    append(all.lag_ms, outcome.lag_ms);
  }
  double Share(Fate fate) const {
    return static_cast<double>(all.fates[fate]) / std::max(all.fates.all(), 1);
  }
};

// Samples in a batch, by the server's metrics.
double MeanBatch(const Samples& growth) {
  return Sum(growth, "lingula_batch_size_sum", {}) /
         std::max(1.0, Sum(growth, "lingula_batch_size_count", {}));
}

class Goodput {
 public:
  Goodput(const Target& target, const Input& input, uint64_t seed, const Plan& plan, Steps& steps)
      : metrics_(target.metrics),
        connections_(target.grpc, kConnections),
        payload_(input.request),
        random_(seed),
        plan_(plan),
        steps_(steps) {}

  absl::Status Round(int round) {
    LINGULA_ASSIGN_OR_RETURN(double before, Peak(round));
    for (const Offer& offer : kOffers) {
      steps_.Begin(
          absl::StrFormat("%s, round %d of %d", offer.name, round + 1, plan_.goodput_rounds),
          plan_.overload_run_up + plan_.overload);
      LINGULA_ASSIGN_OR_RETURN(const Samples idle, ScrapeIfKnown());
      const OwnShare client;
      const Outcome outcome = Offered(offer, before);
      const double share = client.Share();
      LINGULA_ASSIGN_OR_RETURN(const Samples worked, ScrapeIfKnown());
      LINGULA_ASSIGN_OR_RETURN(const double after, Peak(round));
      overloads_[offer.key].Add(outcome, (before + after) / 2, share,
                                MeanBatch(Growth(idle, worked)));
      before = after;
    }
    return absl::OkStatus();
  }

  void Report(Figures& figures) const;

 private:
  absl::StatusOr<double> Peak(int round) {
    steps_.Begin(absl::StrFormat("peak, round %d of %d", round + 1, plan_.goodput_rounds),
                 plan_.peak);
    LINGULA_ASSIGN_OR_RETURN(const LoadResult load,
                             RunLoad(connections_, payload_, kCallers, plan_.peak));
    peaks_.push_back(load.images_per_second);
    return load.images_per_second;
  }

  absl::StatusOr<Samples> ScrapeIfKnown() const {
    return metrics_.empty() ? Samples() : Scrape(metrics_);
  }

  Outcome Offered(const Offer& offer, double peak) {
    const Traffic traffic = TrafficOf(offer);
    const Window window{plan_.overload_run_up, plan_.overload_run_up + plan_.overload};
    OpenLoad load;
    load.inputs = {payload_};
    load.requests = PlanTraffic(traffic, offer.times * peak, window.until, random_);
    Ledger ledger(load.requests.size());
    Run(load, connections_, ledger);
    return Summarise(load.requests, traffic.inputs, ledger, window);
  }

  const std::string metrics_;
  Connections connections_;
  const Payload payload_;
  std::mt19937_64 random_;
  const Plan& plan_;
  Steps& steps_;
  std::vector<double> peaks_;
  std::map<std::string, Overload> overloads_;
};

// How the answers of one overload came.
void Explain(const Overload& overload, const std::string& key, Figures& figures) {
  const auto percentile = [&](const char* name, const std::vector<double>& values, double p,
                              const char* meaning) {
    if (!values.empty()) {
      figures.Add(absl::StrCat(name, key), Percentile(values, p), meaning);
    }
  };
  percentile("useful_ms_p50_", overload.all.useful_ms, 0.5,
             "time of an answer that came within its deadline, from when its request was due");
  percentile("useful_ms_p99_", overload.all.useful_ms, 0.99, "the same, 99th percentile");
  figures.Add(absl::StrCat("refused_share_", key), overload.Share(Fate::kRefused),
              "of all requests: RESOURCE_EXHAUSTED");
  figures.Add(absl::StrCat("expired_share_", key), overload.Share(Fate::kExpired),
              "of all requests: DEADLINE_EXCEEDED, promised and not kept");
  figures.Add(absl::StrCat("client_cpu_share_", key), Median(overload.client_shares),
              "of all cores, taken by this program");
  if (Median(overload.batches) > 0) {
    figures.Add(absl::StrCat("mean_batch_", key), Median(overload.batches), "samples in a batch");
  }
  percentile("client_lag_ms_p99_", overload.all.lag_ms, 0.99,
             "requests sent later than they were due");
}

void Goodput::Report(Figures& figures) const {
  figures.Add("peak_images_per_second", Median(peaks_),
              absl::StrCat(kCallers, " callers on ", kConnections, " connections"));
  FateCounts fates;
  double latest_ms = 0;
  for (const Offer& offer : kOffers) {
    const Overload& overload = overloads_.at(offer.key);
    fates += overload.all.fates;
    latest_ms = std::max(latest_ms, overload.all.latest_ms);
    const bool has_aim = offer.times == 3 && offer.pattern == Pattern::kPoisson;
    figures.Add(
        absl::StrCat("goodput_ratio_", offer.key), Median(overload.ratios),
        absl::StrCat("useful answers against the peak, deadlines of 0.1 to 2 s: ", offer.name),
        has_aim ? std::optional<Aim>(AtLeast(kGoodputAim)) : std::nullopt);
  }
  figures.Add("late_answers", fates[Fate::kLate],
              absl::StrCat("OK after the deadline, of ", fates.all(), " requests"), AtMost(0));
  if (latest_ms > 0) {
    figures.Add("late_ms_worst", latest_ms, "how much later than its deadline the latest came");
  }
  figures.Add("broken_answers", fates[Fate::kBroken], "codes that no request deserved", AtMost(0));
  const Overload& three = overloads_.at("3x");
  if (!three.all.refused_ms.empty()) {
    figures.Add("refused_ms_p50", Median(three.all.refused_ms), "how fast a refusal comes at 3x");
  }
  Explain(three, "3x", figures);
}

}  // namespace

Plan::Millis GoodputTime(const Plan& plan) {
  return plan.goodput_rounds *
         (kOfferCount * (plan.overload_run_up + plan.overload) + (kOfferCount + 1) * plan.peak);
}

absl::Status MeasureGoodput(const Target& target, const Input& input, uint64_t seed,
                            const Plan& plan, Steps& steps, Figures& figures) {
  Goodput goodput(target, input, seed, plan, steps);
  for (int round = 0; round < plan.goodput_rounds; ++round) {
    LINGULA_RETURN_IF_ERROR(goodput.Round(round));
  }
  goodput.Report(figures);
  return absl::OkStatus();
}

}  // namespace lingula::bench
