// The rules by which Kubernetes' HorizontalPodAutoscaler (autoscaling/v2) chooses a number of
// replicas.
#pragma once

#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace lingula::bench {

struct AutoscalerOptions {
  int min_replicas = 2, max_replicas = 40;
  double tolerance = 0.1;      // no change while the figure is this close to its target
  double down_window_s = 300;  // the highest wish of this long holds
  double up_factor = 2;        // per look, or
  int up_pods = 4;             // this many, whichever is more
};

// One figure for each replica; none: it is too young to have one.
struct Signal {
  double target = 1;
  std::vector<std::optional<double>> values;
};

// Threads  None.
class Autoscaler {
 public:
  explicit Autoscaler(const AutoscalerOptions& options) : options_(options) {}

  // What a look at `now_s` leads to, with `replicas` there or on their way. Of several signals the
  // one that wants most decides.
  int Look(double now_s, int replicas, const std::vector<Signal>& signals);

 private:
  int Wish(int replicas, const Signal& signal) const;

  const AutoscalerOptions options_;
  std::deque<std::pair<double, int>> wishes_;  // when, and how many
};

}  // namespace lingula::bench
