#include "model/train/rates.h"

#include <algorithm>
#include <cmath>

namespace lingula {
namespace {

constexpr double kPi = 3.14159265358979323846;

double Cosine(double from, double to, double way) {
  return to + (from - to) * 0.5 * (1 + std::cos(kPi * way));
}

}  // namespace

Rates RatesAt(const train::v1::Schedule& schedule, double lead_rate, int64_t step,
              const RunSteps& run) {
  if (step < run.lead) {
    const double rate =
        Cosine(lead_rate, 0, static_cast<double>(step) / static_cast<double>(run.lead));
    return {rate, rate};
  }
  const int64_t done = step - run.lead;
  const int64_t counted = schedule.rate_per_epoch() ? done / run.per_epoch * run.per_epoch : done;
  const int64_t epochs = schedule.cosine_epochs() > 0 ? schedule.cosine_epochs() : run.epochs;
  const double way = static_cast<double>(counted) / static_cast<double>(epochs * run.per_epoch);
  const double warmup =
      std::min(1.0, (static_cast<double>(done) + 1) / std::max(1U, schedule.warmup_steps()));
  const auto rate = [&](double highest) {
    return warmup * Cosine(highest, schedule.min_rate(), way);
  };
  const double encoder = schedule.encoder_rate() > 0 ? schedule.encoder_rate() : schedule.rate();
  return {rate(encoder), rate(schedule.rate())};
}

}  // namespace lingula
