#include "tests/bench/scale/simulate_day.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <random>
#include <utility>

#include "tests/bench/scale/day.h"

namespace lingula::bench {
namespace {

using FleetFigures = std::vector<std::optional<Figures>>;

Signal SignalOf(const FleetFigures& figures, double target, double Figures::*which) {
  Signal signal{target, {}};
  for (const std::optional<Figures>& each : figures) {
    signal.values.push_back(each.has_value() ? std::optional<double>(*each.*which) : std::nullopt);
  }
  return signal;
}

std::vector<Signal> SignalsOf(const FleetFigures& figures, const DayPolicy& policy) {
  std::vector<Signal> signals;
  const auto add = [&](double target, double Figures::*which) {
    if (target > 0) {
      signals.push_back(SignalOf(figures, target, which));
    }
  };
  add(policy.queue_delay_s, &Figures::queue_delay_s);
  add(policy.busy, &Figures::busy);
  add(policy.offered_load, &Figures::offered_load);
  return signals;
}

double Lost(const Fleet& fleet) {
  const Counts total = fleet.Total();
  return static_cast<double>(total.refused + total.expired + fleet.turned_away());
}

class Day {
 public:
  Day(const DayOptions& options, const DayPolicy& policy)
      : options_(options), policy_(policy), fleet_(options.fleet), autoscaler_(options.autoscaler) {
    fleet_.SetReplicas(policy.start_replicas, /*at_once=*/true);
  }

  DayOutcome Run() {
    const double end = (options_.to_h - options_.from_h) * 3600;
    const double step = options_.fleet.scrape_s;
    for (double t = 0; t < end; t += step) {
      Serve(t, t + step);
      fleet_.Scrape();
      Scale(t + step);
      outcome_.replica_hours += fleet_.replicas() * step / 3600;
      outcome_.most_replicas = std::max(outcome_.most_replicas, fleet_.replicas());
      if (static_cast<int64_t>(t / step) % 4 == 3) {
        Note(t + step);
      }
    }
    fleet_.RunUntil(end + 60);
    return Sum();
  }

 private:
  double RateAt(double t) const { return options_.peak * ShareAt(options_.from_h + t / 3600); }

  void Serve(double from, double to) {
    for (double t = from;;) {
      t += std::exponential_distribution<double>(RateAt(t))(random_);
      if (t >= to) {
        return fleet_.RunUntil(to);
      }
      fleet_.RunUntil(t);
      fleet_.Arrive(options_.patience_s);
      ++outcome_.offered;
    }
  }

  // The autoscaler sees what was true a while ago.
  void Scale(double now) {
    seen_.emplace_back(now, fleet_.figures());
    while (seen_.size() > 1 && seen_[1].first <= now - options_.metrics_delay_s) {
      seen_.pop_front();
    }
    FleetFigures figures = seen_.front().second;
    figures.resize(fleet_.replicas());  // who came since has none
    const std::vector<Signal> signals = SignalsOf(figures, policy_);
    if (!signals.empty()) {
      fleet_.SetReplicas(autoscaler_.Look(now, fleet_.replicas(), signals));
    }
  }

  void Note(double now) {
    const double lost = Lost(fleet_);
    const double minute = outcome_.offered - offered_before_;
    outcome_.hour.push_back(options_.from_h + now / 3600);
    outcome_.rate.push_back(minute / 60);
    outcome_.replicas.push_back(fleet_.replicas());
    outcome_.refused.push_back(minute > 0 ? (lost - lost_before_) / minute : 0);
    by_minute_.emplace_back(minute, lost - lost_before_);
    offered_before_ = outcome_.offered;
    lost_before_ = lost;
    if (by_minute_.size() > 60) {
      by_minute_.pop_front();
    }
    double offered = 0, gone = 0;
    for (const auto& [all, without] : by_minute_) {
      offered += all;
      gone += without;
    }
    outcome_.worst_hour_refused =
        std::max(outcome_.worst_hour_refused, gone / std::max(1.0, offered));
  }

  DayOutcome Sum() {
    const Counts total = fleet_.Total();
    outcome_.refused_share =
        static_cast<double>(total.refused + fleet_.turned_away()) / outcome_.offered;
    outcome_.expired_share = static_cast<double>(total.expired) / outcome_.offered;
    outcome_.p50_ms = Quantile(fleet_.latencies_ms(), 0.5);
    outcome_.p99_ms = Quantile(fleet_.latencies_ms(), 0.99);
    return std::move(outcome_);
  }

  const DayOptions options_;
  const DayPolicy policy_;
  Fleet fleet_;
  Autoscaler autoscaler_;
  std::mt19937_64 random_{7};
  std::deque<std::pair<double, FleetFigures>> seen_;
  std::deque<std::pair<double, double>> by_minute_;  // offered, lost
  DayOutcome outcome_;
  double offered_before_ = 0, lost_before_ = 0;
};

}  // namespace

DayOutcome SimulateDay(const DayOptions& options, const DayPolicy& policy) {
  return Day(options, policy).Run();
}

double Quantile(std::vector<float> values, double share) {
  if (values.empty()) {
    return 0;
  }
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * (values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace lingula::bench
