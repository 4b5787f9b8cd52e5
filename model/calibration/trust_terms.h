// What an answer says of its own trustworthiness, without a reference. One function for the server,
// which predicts Dice from it, and for the tool that learns how.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"
#include "model/calibration/guidance_agreement.h"
#include "model/engine/engine.h"
#include "model/image/mask.h"

namespace lingula {

enum class TrustTerm {
  kSoftDice,        // 2 * sum(p y) / (sum(p) + sum(y)) over the pixels of the picture
  kLogArea,         // natural logarithm of the mask's share of the picture
  kMeanInside,      // mean p over the mask
  kShareOutside,    // share of the sum of p that lies outside the mask
  kMaxProbability,  // largest p
  kMeanEntropy,     // bits a pixel of the network
  kBandEntropy,     // bits a pixel within kBandPx of the mask's edge
  kSpread,          // logarithm of the ratio of the areas from p = 0.25 and from p = 0.75 on
  kLogComponents,   // logarithm of the number of connected parts
  kLargestPart,     // share of the mask in its largest part
  kZoneEntropy,     // mean bits of the zone probabilities; 0 where the family has none
  kZoneCount,       // sum of the zone probabilities; likewise
  kSidesAgree,      // share of the mask on sides of the image where zones are reported; likewise
  kSimilarity,      // of the most similar prototype; 0 where the family has none
  kSimilarityGap,   // prototype_margin; likewise
  kAgreement,       // of mask and guidance about places; 0 where guidance names none
};
inline constexpr int kTrustTerms = 16;
using TrustTerms = std::array<double, kTrustTerms>;

inline double Term(const TrustTerms& terms, TrustTerm term) {
  return terms[static_cast<size_t>(term)];
}

// Pixels of the network's grid on each side of the edge that count as its band.
inline constexpr int kBandPx = 3;

// What was asked, as far as it decides what can be said.
struct Asked {
  float threshold = 0.5F;
  bool as_calibrated = true;  // the manifest's threshold and the family's own guidance
  bool transposed = false;    // as in InputSpec
  // Of the zones that guided the mask; none: the guidance names no place.
  std::optional<ZoneWeights> guided_by = std::nullopt;
};

// "soft_dice", ...: as manifests name them.
absl::string_view NameOf(TrustTerm term);

// The terms of a mask that is not empty. `sums` are those of the mask as it is served, at the size
// of the picture; what depends on places is taken from the network's own grid, where it costs the
// same for every picture.
TrustTerms TrustTermsOf(const Prediction& prediction, const MaskSums& sums, const Asked& asked);

}  // namespace lingula
