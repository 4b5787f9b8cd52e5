// How far to trust an answer: one function for the server and for the tools that measure it.
#pragma once

#include <optional>

#include "model/calibration/calibration.h"
#include "model/calibration/trust_terms.h"
#include "model/engine/engine.h"
#include "model/image/mask.h"

namespace lingula {

struct Trust {
  double mean_entropy_bits = 0;         // of the network's pixels
  std::optional<TrustTerms> terms;      // none: the mask is empty
  int components = 0;                   // connected parts of the mask
  std::optional<double> presence;       // probability of something to find; none: cannot be told
  std::optional<double> agreement;      // none: the mask is empty, or its guidance names no place
  bool conflict = false;                // agreement is below the bundle's limit
  std::optional<double> expected_dice;  // likewise
  bool calibrated = false;              // expected_dice went through the map, and:
  double low = 0, high = 1;             // interval of the bundle's coverage
  std::optional<Outlyingness> outlyingness;  // none: the bundle cannot tell
};

// The zones that guide a prediction of a model whose prototypes' pools are zones, or not; `told`
// are those of the caller's report. None where no zone is named.
std::optional<ZoneWeights> GuidedBy(const Prediction& prediction,
                                    const std::optional<ZoneBits>& told, bool pools_are_zones);

// `sums` are those of the mask at the size of the picture. Null `calibration`: the bundle has none.
Trust TrustIn(const Calibration* calibration, const Prediction& prediction, const MaskSums& sums,
              const Asked& asked);

}  // namespace lingula
