// How far to trust an answer: one function for the server and for the tools that measure it.
#pragma once

#include <optional>

#include "model/calibration/calibration.h"
#include "model/calibration/trust_terms.h"
#include "model/engine/engine.h"
#include "model/image/mask.h"

namespace lingula {

struct Trust {
  double mean_entropy_bits = 0;              // of the network's pixels
  std::optional<TrustTerms> terms;           // none: the mask is empty
  std::optional<double> expected_dice;       // likewise
  bool calibrated = false;                   // expected_dice went through the map, and:
  double low = 0, high = 1;                  // interval of the bundle's coverage
  std::optional<Outlyingness> outlyingness;  // none: the bundle cannot tell
};

// What was asked, as far as it decides whether the calibration holds.
struct Asked {
  float threshold = 0.5F;
  bool as_calibrated = true;  // the manifest's threshold and the family's own guidance
  bool transposed = false;    // as in InputSpec
};

// `sums` are those of the mask at the size of the picture. Null `calibration`: the bundle has none.
Trust TrustIn(const Calibration* calibration, const Prediction& prediction, const MaskSums& sums,
              const Asked& asked);

}  // namespace lingula
