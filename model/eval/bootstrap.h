// How far pooled Dice would have come out otherwise with other images.
#pragma once

#include <cstdint>
#include <vector>

#include "model/eval/scores.h"

namespace lingula {

struct DiceInterval {
  double low = 0, high = 0;  // 2.5 and 97.5 % of the draws
  int64_t clusters = 0;
};

// Percentile bootstrap of the pooled Dice. Whole groups are drawn with replacement, since images of
// one patient resemble each other; an image without a group is one of its own. `resamples` draws,
// decided by `seed`.
DiceInterval BootstrapDice(const std::vector<ImageScore>& images, int resamples, uint64_t seed);

}  // namespace lingula
