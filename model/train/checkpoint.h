// The state of an interrupted training run.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "model/train/learner.h"

namespace lingula {

struct TrainState {
  int64_t step = 0;          // optimiser steps done
  double best = -1;          // best selection figure; -1: none yet
  int64_t best_step = 0;     // and after which step it was measured
  std::vector<double> sums;  // of the epoch that is not finished (EpochSums)
};

// What a run must have in common with the one that it goes on from.
struct RunIdentity {
  std::string recipe;  // RecipeDigest
  uint64_t seed = 0;
  int64_t images = 0;  // in the training data
};

// Weights, averaged weights, AdamW moments and counters in one safetensors file. `average` may be
// the learner itself.
absl::Status SaveCheckpoint(const std::string& path, const RunIdentity& run, const Learner& learner,
                            const Learner& average, torch::optim::AdamW& optimizer,
                            const TrainState& state);
// Errors   NOT_FOUND no such file; INVALID_ARGUMENT a file of another kind, recipe, seed or data.
absl::Status LoadCheckpoint(const std::string& path, const RunIdentity& run, Learner& learner,
                            Learner& average, torch::optim::AdamW& optimizer, TrainState& state);

}  // namespace lingula
