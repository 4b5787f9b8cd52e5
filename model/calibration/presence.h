// From the largest probability of a pixel to the probability that there is anything to find: a
// logistic map (Platt 1999, "Probabilistic outputs for support vector machines").
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace lingula {

struct PresenceMap {
  double offset = 0, slope = 1;  // slope > 0: it never falls

  // `max_probability` in [0, 1]. In (0, 1).
  double At(double max_probability) const;
};

// A picture of which it is known whether it shows anything.
struct JudgedPicture {
  double max_probability = 0;
  bool present = false;
  int group = 0;  // pictures of one group are never on both sides of a cross-validation
};

struct FittedPresence {
  PresenceMap map;
  double auroc = 0;                    // of the largest probability
  double brier = 0, brier_before = 0;  // mean squared error; before: of the share of present ones
  std::vector<double> cross_fitted;    // for the pictures given, each made without its fold's
};

// By maximum likelihood, with Platt's targets, which keep a perfect separation from an endless
// slope. Errors   INVALID_ARGUMENT fewer than kFewestOfEach pictures of either kind, or a larger
// probability
//          where nothing is: the map would fall.
inline constexpr int kFewestOfEach = 10;
absl::StatusOr<FittedPresence> FitPresence(absl::Span<const JudgedPicture> pictures, uint64_t seed);

}  // namespace lingula
