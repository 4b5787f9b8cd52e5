// The weights of a learner while they are trained: where they are, how fast they change, what is
// averaged.
#pragma once

#include <memory>

#include "model/train/learner.h"
#include "model/train/rates.h"

namespace lingula {

// Onto a device, in the layout that convolutions there like.
void MoveTo(torch::Device device, Learner& learner);

// AdamW over what requires a gradient: encoder, the rest, and, unless the schedule says decay_all,
// what does not decay (norms, biases, scalars).
std::unique_ptr<torch::optim::AdamW> MakeOptimizer(const train::v1::Schedule& schedule,
                                                   const Learner& learner);
void SetRates(const Rates& rates, torch::optim::AdamW& optimizer);

// All parameters and buffers of a learner of the same class.
void CopyState(const Learner& from, Learner& to);
// `average` after `step` steps, of whose old value `keep` stays, less in the first steps.
void UpdateAverage(const Learner& learner, double keep, int64_t step, Learner& average);

}  // namespace lingula
