// A day under an autoscaler.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/scale/autoscaler.h"
#include "tests/bench/scale/fleet.h"

namespace lingula::bench {

struct DayPolicy {
  std::string name;
  // Targets; 0: not looked at. All 0: as many replicas as at the start, for ever.
  double queue_delay_s = 0, busy = 0, offered_load = 0;
  int start_replicas = 2;
};

struct DayOptions {
  FleetOptions fleet;
  AutoscalerOptions autoscaler;
  double peak = 500;      // pictures a second at the busiest hour
  double patience_s = 1;  // of callers
  double from_h = 0, to_h = 24;
  double metrics_delay_s = 30;  // from a scrape to the autoscaler: rules, adapter
};

// What a policy made of the day.
struct DayOutcome {
  double offered = 0, refused_share = 0, expired_share = 0;
  double replica_hours = 0;
  int most_replicas = 0;
  double worst_hour_refused = 0;  // share
  double p50_ms = 0, p99_ms = 0;  // of answers
  // A point a minute.
  std::vector<double> hour, rate, replicas, refused;
};

DayOutcome SimulateDay(const DayOptions& options, const DayPolicy& policy);

// The value below which `share` of `values` lie; reorders them.
double Quantile(std::vector<float> values, double share);

}  // namespace lingula::bench
