#include "model/train/step_clock.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_format.h"
#include "model/train/autocast.h"

namespace lingula {
namespace {

double SecondsBetween(Instant from, Instant to) {
  return std::chrono::duration<double>(to - from).count();
}

double SecondsForward(const TrainBatch& batch, const RunSteps& run, bool bf16, Learner& learner) {
  constexpr int kPasses = 4;  // the first one prepares
  const torch::NoGradGuard no_grad;
  learner.train();
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kPasses; ++i) {
    const Instant begun = Clock::Real().Now();
    const Autocast autocast(bf16, batch.images.device());
    learner.Loss(batch, run.all() - 1, run).total.item<double>();  // waits for the device
    const double seconds = SecondsBetween(begun, Clock::Real().Now());
    best = i > 0 ? std::min(best, seconds) : best;
  }
  return best;
}

}  // namespace

void StepClock::Begin() {
  begun_ = Clock::Real().Now();
}

void StepClock::Made() {
  made_ = Clock::Real().Now();
}

void StepClock::End(int64_t images) {
  if (steps_++ > 0) {
    seconds_ += SecondsBetween(begun_, Clock::Real().Now());
    data_ += SecondsBetween(begun_, made_);
    images_ += static_cast<double>(images);
  }
}

std::string DescribeSpeed(const StepClock& clock, const TrainBatch& batch, const RunSteps& run,
                          bool bf16, Learner& learner) {
  const double forward = SecondsForward(batch, run, bf16, learner);
  const double step = static_cast<double>(batch.images.size(0)) / clock.images_per_second();
  return absl::StrFormat("%.1f images/s; a step costs %.2f x three forward passes; data %.1f %%\n",
                         clock.images_per_second(), step / (3 * forward), clock.data_share() * 100);
}

}  // namespace lingula
