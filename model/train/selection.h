// Which epoch's weights are kept, and when a run ends.
#pragma once

#include "lingula/train/v1/recipe.pb.h"
#include "model/train/checkpoint.h"
#include "model/train/validation.h"

namespace lingula {

// What the recipe compares epochs by; larger is better. `training` are the epoch's own batches.
double SelectionFigure(const train::v1::Schedule& schedule, const OverlapCounts& training,
                       const Validation& found);

// Whether no step is left, or patience is over: that is judged at the end of an epoch.
bool IsOver(const train::v1::Schedule& schedule, const RunSteps& run, const TrainState& state);

}  // namespace lingula
