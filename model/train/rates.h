// Learning rates over a run: warm-up, then a cosine (Loshchilov and Hutter 2017).
#pragma once

#include "lingula/train/v1/recipe.pb.h"
#include "model/train/learner.h"

namespace lingula {

struct Rates {
  double encoder = 0, rest = 0;
};

// Rates of a step. Before the epochs `lead_rate` falls to 0 for all; in them each highest rate
// falls to min_rate over cosine_epochs, in steps or, with rate_per_epoch, once an epoch.
Rates RatesAt(const train::v1::Schedule& schedule, double lead_rate, int64_t step,
              const RunSteps& run);

}  // namespace lingula
