#include "model/train/selection.h"

namespace lingula {

double SelectionFigure(const train::v1::Schedule& schedule, const OverlapCounts& training,
                       const Validation& found) {
  switch (schedule.selection()) {
    case train::v1::SELECTION_TRAINING_ACCURACY_AND_DICE:
      return training.true_negative + training.true_positive == 0
                 ? 0
                 : training.Accuracy() + training.Dice();
    case train::v1::SELECTION_VALIDATION_BATCH_DICE:
      return found.batch_dice;
    default:
      return found.guided.Dice();
  }
}

bool IsOver(const train::v1::Schedule& schedule, const RunSteps& run, const TrainState& state) {
  if (state.step >= run.all()) {
    return true;
  }
  const int64_t done = (state.step - run.lead) / run.per_epoch;
  return schedule.patience() > 0 && state.step > run.lead && state.step % run.per_epoch == 0 &&
         done >= schedule.min_epochs() &&
         (state.step - state.best_step) / run.per_epoch >= schedule.patience();
}

}  // namespace lingula
