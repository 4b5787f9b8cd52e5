#include "model/train/selection.h"

#include <gmock/gmock.h>

namespace lingula {
namespace {

TEST(SelectionFigureTest, Rules) {
  train::v1::Schedule schedule;
  Validation found;
  found.guided = {30, 20, 20, 30};
  found.batch_dice = 0.7;
  const OverlapCounts training{10, 0, 10, 80};
  EXPECT_DOUBLE_EQ(SelectionFigure(schedule, training, found), 0.6);
  schedule.set_selection(train::v1::SELECTION_VALIDATION_BATCH_DICE);
  EXPECT_DOUBLE_EQ(SelectionFigure(schedule, training, found), 0.7);
  schedule.set_selection(train::v1::SELECTION_TRAINING_ACCURACY_AND_DICE);
  EXPECT_DOUBLE_EQ(SelectionFigure(schedule, training, found), 0.9 + 2.0 / 3);
  EXPECT_EQ(SelectionFigure(schedule, OverlapCounts(), found), 0);  // contrastive steps only
}

TEST(IsOverTest, PatienceCountsWholeEpochs) {
  train::v1::Schedule schedule;
  schedule.set_patience(2);
  schedule.set_min_epochs(4);
  const RunSteps run{10, 5, 20};
  TrainState state;
  state.best = 0.5;
  state.best_step = 20;  // epoch 2
  state.step = 25;
  EXPECT_FALSE(IsOver(schedule, run, state));
  state.step = 30;  // epoch 4
  EXPECT_TRUE(IsOver(schedule, run, state));
  state.step = 31;  // judged at the end of an epoch only
  EXPECT_FALSE(IsOver(schedule, run, state));
  state.step = 30;
  schedule.set_min_epochs(5);
  EXPECT_FALSE(IsOver(schedule, run, state));
  schedule.set_patience(0);
  state.step = 109;
  EXPECT_FALSE(IsOver(schedule, run, state));
  state.step = 110;
  EXPECT_TRUE(IsOver(schedule, run, state));
}

}  // namespace
}  // namespace lingula
