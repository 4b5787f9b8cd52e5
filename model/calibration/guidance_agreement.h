// Does the mask lie where the words that guided it say? Zones as SGSeg reports name them
// (model/base/zones.h).
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "model/base/zones.h"
#include "model/engine/engine.h"

namespace lingula {

// How much each zone counts, in [0, 1].
using ZoneWeights = std::array<float, kZones>;

// 1 for zones that a report names.
ZoneWeights WeightsOf(const ZoneBits& zones);
// Of prototypes whose pools are the zones: a zone counts as much as its most similar prototype does
// against the best one (the ratio of their similarities). Zones without a prototype count 0.
ZoneWeights WeightsOf(const std::vector<RetrievedPrototype>& prototypes);

// Shares, by zone, of the sum of probabilities >= `threshold` of a square map [side, side];
// `transposed` as in InputSpec. All 0 when no pixel reaches the threshold.
std::array<double, kZones> ZoneShares(absl::Span<const float> probabilities, float threshold,
                                      bool transposed);

// The share of the mask that lies in zones of `weights`, in [0, 1].
double Agreement(const std::array<double, kZones>& shares, const ZoneWeights& weights);

}  // namespace lingula
