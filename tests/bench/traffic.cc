#include "tests/bench/traffic.h"

#include <cmath>
#include <cstdint>

namespace lingula::bench {
namespace {

// In [0, 1). The distributions of <random> differ from library to library; a seed should not.
double Uniform(std::mt19937_64& random) {
  return static_cast<double>(random() >> 11) * 0x1p-53;
}

// Exponential with mean 1.
double Gap(std::mt19937_64& random) {
  return -std::log1p(-Uniform(random));
}

int ChooseInput(const std::vector<Traffic::Share>& inputs, std::mt19937_64& random) {
  double all = 0;
  for (const Traffic::Share& input : inputs) {
    all += input.weight;
  }
  double left = all * Uniform(random);
  for (size_t i = 0; i + 1 < inputs.size(); ++i) {
    left -= inputs[i].weight;
    if (left < 0) {
      return static_cast<int>(i);
    }
  }
  return static_cast<int>(inputs.size()) - 1;
}

}  // namespace

std::vector<Nanos> Arrivals(Pattern pattern, int burst, double per_second, Nanos duration,
                            std::mt19937_64& random) {
  const int together = pattern == Pattern::kBursts ? burst : 1;
  const double mean_gap_ns = 1e9 * together / per_second;
  const auto end_ns = static_cast<double>(duration.count());
  std::vector<Nanos> arrivals;
  for (double at_ns = mean_gap_ns * Gap(random); at_ns < end_ns;
       at_ns += mean_gap_ns * Gap(random)) {
    arrivals.insert(arrivals.end(), static_cast<size_t>(together),
                    Nanos(static_cast<int64_t>(at_ns)));
  }
  return arrivals;
}

std::vector<Planned> PlanTraffic(const Traffic& traffic, double per_second, Nanos duration,
                                 std::mt19937_64& random) {
  std::vector<Planned> plan;
  for (const Nanos at : Arrivals(traffic.pattern, traffic.burst, per_second, duration, random)) {
    Planned request;
    request.at = at;
    request.input = ChooseInput(traffic.inputs, random);
    request.deadline = traffic.deadlines[random() % traffic.deadlines.size()];
    if (Uniform(random) < traffic.cancelled) {
      const Nanos patience = traffic.longest_patience;
      request.cancel_after =
          Nanos(static_cast<int64_t>(Uniform(random) * static_cast<double>(patience.count())));
    }
    plan.push_back(request);
  }
  return plan;
}

}  // namespace lingula::bench
