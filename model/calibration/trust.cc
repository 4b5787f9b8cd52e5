#include "model/calibration/trust.h"

#include <cmath>

#include "model/eval/overlap.h"
#include "model/image/entropy.h"

namespace lingula {

std::optional<ZoneWeights> GuidedBy(const Prediction& prediction,
                                    const std::optional<ZoneBits>& told, bool pools_are_zones) {
  ZoneBits zones;
  switch (prediction.guidance) {
    case GuidanceMode::kReport:
      zones = told.value_or(ZoneBits());
      break;
    case GuidanceMode::kGeneratedReport:
      zones = Reported(prediction.zones.value_or(ZoneProbabilities()));
      break;
    case GuidanceMode::kPrototypes:
      return pools_are_zones && !prediction.prototypes.empty()
                 ? std::optional<ZoneWeights>(WeightsOf(prediction.prototypes))
                 : std::nullopt;
    case GuidanceMode::kWithheld:
      return std::nullopt;
  }
  return zones.any() ? std::optional<ZoneWeights>(WeightsOf(zones)) : std::nullopt;
}

Trust TrustIn(const Calibration* calibration, const Prediction& prediction, const MaskSums& sums,
              const Asked& asked) {
  Trust trust;
  if (calibration != nullptr) {
    trust.outlyingness = calibration->Judge(prediction.features);
  }
  if (calibration != nullptr && asked.as_calibrated) {
    trust.presence = calibration->Presence(sums.max_probability);
  }
  if (sums.foreground == 0) {
    trust.mean_entropy_bits = MeanEntropyBits(prediction.probabilities);
    return trust;
  }
  trust.terms = TrustTermsOf(prediction, sums, asked);
  trust.components =
      static_cast<int>(std::lround(std::exp(Term(*trust.terms, TrustTerm::kLogComponents))));
  if (asked.guided_by.has_value()) {
    trust.agreement = Term(*trust.terms, TrustTerm::kAgreement);
    trust.conflict = calibration != nullptr && calibration->Conflicts(*trust.agreement);
  }
  trust.mean_entropy_bits = Term(*trust.terms, TrustTerm::kMeanEntropy);
  if (calibration != nullptr && asked.as_calibrated) {
    const DiceMap::Expected expected = calibration->Expect(*trust.terms);
    trust.expected_dice = expected.dice;
    trust.calibrated = true;
    trust.low = expected.low;
    trust.high = expected.high;
  } else {
    trust.expected_dice =
        SoftDice(sums.probability, sums.probability_in_mask, static_cast<double>(sums.foreground));
  }
  return trust;
}

}  // namespace lingula
