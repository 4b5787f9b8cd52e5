// What the figures of quality are worth on labelled images.
#pragma once

#include <cstdint>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "model/eval/scores.h"
#include "model/tools/examine.h"

namespace lingula {

// A figure and its 95 % interval: 2.5 and 97.5 % of bootstrap draws of whole groups.
struct Measured {
  double value = kNotKnown, low = kNotKnown, high = kNotKnown;
};

// Bad: Dice below kBadDice. All but presence is of masks that are not empty.
struct QualityFigures {
  int64_t bad = 0, good = 0;
  Measured error, rank_correlation, coverage;  // of expected Dice
  Measured conflict_bad, conflict_good;        // shares with FLAG_GUIDANCE_CONFLICT
  Measured agreement_bad, agreement_good;      // means
  Measured second_dice, second_rank;  // mean; rank correlation with the first mask's true Dice
  int64_t present = 0, absent = 0;
  Measured presence_auroc;  // of the largest probability
};

// `resamples` draws, decided by `seed`.
QualityFigures MeasureQuality(const std::vector<Examined>& images, int resamples, uint64_t seed);

// {"bad": n, "error": {"value": x, "low": x, "high": x}, ...}; what is not known is null.
nlohmann::json ToJson(const QualityFigures& figures);

}  // namespace lingula
