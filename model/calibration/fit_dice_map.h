// Learns a DiceMap from labelled images.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/calibration/dice_map.h"

namespace lingula {

// A mask that is not empty, and what it reached.
struct JudgedMask {
  TrustTerms terms{};
  double dice = 0;
  int group = 0;  // masks of one group (a patient) are never on both sides of a cross-validation
};

// What was tried, from simple to rich, with figures by five-fold cross-validation.
struct MapCandidate {
  std::string name;
  std::vector<TrustTerm> terms;
  double error = 0, rank_correlation = 0;  // mean |expected - true Dice|; Spearman
  bool chosen = false;
};

struct FittedMap {
  DiceMap map;
  std::vector<MapCandidate> candidates;
  std::vector<double> cross_fitted;  // expectations for the masks given, each made without it
};

// Each candidate is a ridge regression on its terms, followed by a monotone map of its sums. A
// richer one is taken only when it is better by more than two standard errors of the paired
// difference. Intervals are split-conformal around the cross-fitted expectations, apart for low and
// high ones (Mondrian), with (1 - coverage) / 2 on each side. `seed` decides the folds.
// Errors   INVALID_ARGUMENT fewer than kFewestMasks, or a value that is not finite.
inline constexpr size_t kFewestMasks = 20;
absl::StatusOr<FittedMap> FitDiceMap(absl::Span<const JudgedMask> masks, double coverage,
                                     uint64_t seed);

// Intervals that hold a share of `coverage` of `dice` around `expected`, for new images like these.
std::vector<DiceMap::Interval> ConformalIntervals(absl::Span<const double> expected,
                                                  absl::Span<const double> dice, double coverage);

// Numbers groups 0 ... parts - 1, as equal in their numbers of groups as can be: a group is whole
// in one part. `seed` decides.
std::vector<int> SplitGroups(absl::Span<const int> groups, int parts, uint64_t seed);

}  // namespace lingula
