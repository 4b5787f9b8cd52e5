#include "model/calibration/trust.h"

#include "model/eval/overlap.h"
#include "model/image/entropy.h"

namespace lingula {

Trust TrustIn(const Calibration* calibration, const Prediction& prediction, const MaskSums& sums,
              const Asked& asked) {
  Trust trust;
  if (calibration != nullptr) {
    trust.outlyingness = calibration->Judge(prediction.features);
  }
  if (sums.foreground == 0) {
    trust.mean_entropy_bits = MeanEntropyBits(prediction.probabilities);
    return trust;
  }
  trust.terms = TrustTermsOf(prediction, sums, asked.threshold, asked.transposed);
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
