// lingula-scale-bench: replicas of the real scheduler under a simulated clock, through a day and
// behind balancers (docs/scaling.md). Prints Markdown tables; --plots also draws them.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "model/base/status_macros.h"
#include "model/plot/plot.h"
#include "tests/bench/scale/simulate_day.h"

namespace lingula::bench {
namespace {

struct Flags {
  std::string costs = "1:9500,4:32650";
  int instances = 2;
  double peak = 500;
  std::vector<double> patience_s = {0.25, 2};
  std::string plots;
  bool day = true, balance = true;
  double seconds = 120;
};

absl::StatusOr<std::vector<BatchCost>> CostsFrom(const std::string& text) {
  std::vector<BatchCost> costs;
  for (const absl::string_view pair : absl::StrSplit(text, ',')) {
    const std::vector<absl::string_view> parts = absl::StrSplit(pair, ':');
    BatchCost cost;
    int64_t us = 0;
    if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &cost.size) || cost.size < 1 ||
        cost.size > 8 || !absl::SimpleAtoi(parts[1], &us) || us < 1) {
      return absl::InvalidArgumentError("--costs: SIZE:MICROSECONDS,..., sizes from 1 to 8");
    }
    cost.took = std::chrono::microseconds(us);
    costs.push_back(cost);
  }
  return costs;
}

FleetOptions FleetFrom(const Flags& flags, const std::vector<BatchCost>& costs) {
  FleetOptions fleet;
  fleet.replica.batching.instances = flags.instances;
  fleet.replica.costs = costs;
  return fleet;
}

// What one replica can do.
double RateOf(const FleetOptions& fleet) {
  CostCurve curve(fleet.replica.batching.max_batch_size);
  for (const BatchCost& cost : fleet.replica.costs) {
    curve.Learn(cost);
  }
  double best = 0;
  for (int size = 1; size <= curve.max_size(); ++size) {
    best = std::max(best, size * 1e6 / static_cast<double>(curve.Expected(size).count()));
  }
  return best * fleet.replica.batching.instances;
}

absl::Status DrawDay(const Flags& flags, double patience_s, const std::vector<DayPolicy>& policies,
                     const std::vector<DayOutcome>& outcomes) {
  Figure replicas, refused;
  replicas.title = absl::StrFormat("Replicas through a day, callers wait %g s", patience_s);
  refused.title =
      absl::StrFormat("Share of pictures without a mask, callers wait %g s", patience_s);
  replicas.x_label = refused.x_label = "hour";
  replicas.y_label = "replicas";
  refused.y_label = "share in a minute";
  replicas.height_px = refused.height_px = 420;
  std::vector<Series> counts, shares;
  for (size_t i = 0; i < policies.size(); ++i) {
    counts.push_back({policies[i].name, outcomes[i].hour, outcomes[i].replicas});
    shares.push_back({policies[i].name, outcomes[i].hour, outcomes[i].refused});
  }
  const std::string name = absl::StrFormat("%s/scaling-day-%gs", flags.plots, patience_s);
  LINGULA_RETURN_IF_ERROR(PlotLines(name + "-replicas.png", replicas, counts));
  return PlotLines(name + "-refused.png", refused, shares);
}

absl::Status Days(const Flags& flags, const std::vector<BatchCost>& costs) {
  const FleetOptions fleet = FleetFrom(flags, costs);
  const int enough = static_cast<int>(std::ceil(1.4 * flags.peak / (0.9 * RateOf(fleet))));
  std::vector<DayPolicy> policies(6);
  policies[0] = {"as many as the peak needs, always", 0, 0, 0, enough};
  policies[1] = {"queue delay 50 ms", 0.05, 0, 0};
  policies[2] = {"queue delay 10 ms", 0.01, 0, 0};
  policies[3] = {"busy share 0.6", 0, 0.6, 0};
  policies[4] = {"offered load 0.6", 0, 0, 0.6};
  policies[5] = {"offered load 0.6, queue delay 50 ms", 0.05, 0, 0.6};
  for (const double patience_s : flags.patience_s) {
    std::cout << absl::StreamFormat(
        "\nPeak %g pictures a second, callers wait %g s, one replica does %.0f a second\n\n"
        "| replicas by | replica-hours | most replicas | without a mask | in the worst hour | p50 "
        "| p99 |\n"
        "|---|--:|--:|--:|--:|--:|--:|\n",
        flags.peak, patience_s, RateOf(fleet));
    std::vector<DayOutcome> outcomes;
    for (const DayPolicy& policy : policies) {
      DayOptions options;
      options.fleet = fleet;
      options.peak = flags.peak;
      options.patience_s = patience_s;
      const DayOutcome day = SimulateDay(options, policy);
      std::cout << absl::StreamFormat(
                       "| %s | %.0f | %d | %.3f %% | %.2f %% | %.0f ms | %.0f ms |\n", policy.name,
                       day.replica_hours, day.most_replicas,
                       100 * (day.refused_share + day.expired_share), 100 * day.worst_hour_refused,
                       day.p50_ms, day.p99_ms)
                << std::flush;
      outcomes.push_back(day);
    }
    if (!flags.plots.empty()) {
      LINGULA_RETURN_IF_ERROR(DrawDay(flags, patience_s, policies, outcomes));
    }
  }
  return absl::OkStatus();
}

// A steady load for a while, by nobody scaled.
DayOutcome Steady(const FleetOptions& fleet, int replicas, double load, double seconds) {
  Fleet servers(fleet);
  servers.SetReplicas(replicas, true);
  std::mt19937_64 random(3);
  std::exponential_distribution<double> gap(load * replicas * RateOf(fleet));
  DayOutcome outcome;
  for (double t = gap(random); t < seconds; t += gap(random)) {
    servers.RunUntil(t);
    servers.Arrive(2);
    ++outcome.offered;
  }
  servers.RunUntil(seconds + 60);
  const Counts total = servers.Total();
  outcome.refused_share = static_cast<double>(total.refused + total.expired) / outcome.offered;
  outcome.p50_ms = Quantile(servers.latencies_ms(), 0.5);
  outcome.p99_ms = Quantile(servers.latencies_ms(), 0.99);
  return outcome;
}

void Balances(const Flags& flags, const std::vector<BatchCost>& costs) {
  constexpr int kReplicas = 10;
  const std::vector<std::pair<const char*, Balance>> ways = {
      {"one connection a caller", Balance::kPinned},
      {"round robin", Balance::kRoundRobin},
      {"least request of two", Balance::kLeastRequest}};
  std::cout << absl::StreamFormat(
      "\n%d replicas, 20 callers who wait 2 s, %g s\n\n"
      "| load | slow replicas | balance | without a mask | p50 | p99 |\n"
      "|--:|--:|---|--:|--:|--:|\n",
      kReplicas, flags.seconds);
  for (const double slow : {0.0, 0.2}) {
    for (const double load : {0.5, 0.8}) {
      for (const auto& [name, balance] : ways) {
        FleetOptions fleet = FleetFrom(flags, costs);
        fleet.balance = balance;
        fleet.slow_share = slow;
        const DayOutcome outcome = Steady(fleet, kReplicas, load, flags.seconds);
        std::cout << absl::StreamFormat("| %.1f | %d | %s | %.2f %% | %.1f ms | %.0f ms |\n", load,
                                        static_cast<int>(slow * kReplicas), name,
                                        100 * outcome.refused_share, outcome.p50_ms, outcome.p99_ms)
                  << std::flush;
      }
    }
  }
}

absl::Status Run(const Flags& flags) {
  LINGULA_ASSIGN_OR_RETURN(const std::vector<BatchCost> costs, CostsFrom(flags.costs));
  if (flags.balance) {
    Balances(flags, costs);
  }
  return flags.day ? Days(flags, costs) : absl::OkStatus();
}

}  // namespace
}  // namespace lingula::bench

int main(int argc, char** argv) {
  lingula::bench::Flags flags;
  CLI::App app("Simulates replicas of the real scheduler through a day, and behind balancers");
  app.add_option("--costs", flags.costs, "What batches cost, SIZE:MICROSECONDS,...")
      ->capture_default_str();
  app.add_option("--instances", flags.instances, "Passes side by side in a replica")
      ->check(CLI::Range(1, 8));
  app.add_option("--peak", flags.peak, "Pictures a second at the busiest hour")
      ->check(CLI::Range(1.0, 1e5));
  app.add_option("--patience", flags.patience_s, "Seconds that callers wait")->delimiter(',');
  app.add_option("--seconds", flags.seconds, "How long the balancers are watched")
      ->check(CLI::Range(1.0, 1e5));
  app.add_option("--plots", flags.plots, "Also draw the days here")->check(CLI::ExistingDirectory);
  app.add_flag("!--no-day", flags.day, "Leave out the days");
  app.add_flag("!--no-balance", flags.balance, "Leave out the balancers");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const absl::Status status = lingula::bench::Run(flags);
  if (!status.ok()) {
    std::cerr << "lingula-scale-bench: " << status.message() << "\n";
    return 1;
  }
  return 0;
}
