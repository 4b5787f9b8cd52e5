// How long steps take, and what a step costs beside what it has to cost.
#pragma once

#include <string>

#include "model/base/clock.h"
#include "model/train/learner.h"

namespace lingula {

// Threads  None. The first step of a process prepares and is left out.
class StepClock {
 public:
  // Around a step of `images`; `made` says when its batch was there.
  void Begin();
  void Made();
  void End(int64_t images);

  double images_per_second() const { return seconds_ > 0 ? images_ / seconds_ : 0; }
  // Share of the time that was spent on batches.
  double data_share() const { return seconds_ > 0 ? data_ / seconds_ : 0; }
  // Steps measured.
  int64_t steps() const { return steps_ - 1; }

 private:
  Instant begun_{}, made_{};
  double seconds_ = 0, data_ = 0, images_ = 0;
  int64_t steps_ = 0;
};

// "9.8 images/s; a step costs 1.10 x three forward passes; data 2.1 %": a backward pass has about
// twice the work of a forward pass, so three are what a step has to cost. Measures forward passes
// of `batch`, the loss included, which changes the statistics of normalisations: call when the
// weights are no longer needed. `clock` has measured a step.
std::string DescribeSpeed(const StepClock& clock, const TrainBatch& batch, const RunSteps& run,
                          bool bf16, Learner& learner);

}  // namespace lingula
