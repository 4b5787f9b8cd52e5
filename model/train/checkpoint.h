// The state of an interrupted training run.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "model/train/learner.h"

namespace lingula {

struct TrainState {
  int64_t step = 0;       // optimiser steps done
  double best_dice = -1;  // validation, averaged weights; -1: none yet
};

// Weights, averaged weights, AdamW moments and counters in one safetensors file.
absl::Status SaveCheckpoint(const std::string& path, const Learner& learner, const Learner& average,
                            torch::optim::AdamW& optimizer, const TrainState& state);
absl::Status LoadCheckpoint(const std::string& path, Learner& learner, Learner& average,
                            torch::optim::AdamW& optimizer, TrainState& state);

}  // namespace lingula
