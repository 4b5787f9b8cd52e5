#include "model/calibration/trust_terms.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/base/clones.h"
#include "model/calibration/bit_grid.h"
#include "model/eval/overlap.h"
#include "model/image/entropy.h"

namespace lingula {
namespace {

constexpr const char* kNames[kTrustTerms] = {
    "soft_dice",       "log_area",     "mean_inside",    "share_outside",
    "max_probability", "mean_entropy", "band_entropy",   "spread",
    "log_components",  "largest_part", "zone_entropy",   "zone_count",
    "sides_agree",     "similarity",   "similarity_gap", "agreement"};

double Entropy(double p) {
  return p <= 0 || p >= 1 ? 0 : -p * std::log2(p) - (1 - p) * std::log2(1 - p);
}

// How many values are p or more.
LINGULA_CLONES int32_t CountFrom(const float* values, size_t count, float p) {
  int32_t found = 0;
  for (size_t i = 0; i < count; ++i) {
    found += values[i] >= p ? 1 : 0;
  }
  return found;
}

// The network's answer as a picture of its own.
class Grid {
 public:
  Grid(const std::vector<float>& probabilities, float threshold)
      : values_(probabilities),
        side_(static_cast<int>(std::lround(std::sqrt(static_cast<double>(values_.size()))))),
        mask_(values_, side_, threshold) {}

  double AreaFrom(float p) const { return CountFrom(values_.data(), values_.size(), p); }

  double MeanEntropy() const { return MeanEntropyBits(values_); }

  double BandEntropy() const {
    std::vector<float> inside;
    mask_.BandOf(kBandPx).ForEach([&](int64_t pixel) { inside.push_back(values_[pixel]); });
    return MeanEntropyBits(inside);
  }

  std::vector<int64_t> Parts() const { return mask_.PartSizes(); }

  // Share of the mask on the left half of the picture.
  double LeftShare(bool transposed) const {
    const int64_t left =
        transposed ? mask_.CountIn(side_, side_ / 2) : mask_.CountIn(side_ / 2, side_);
    return static_cast<double>(left) / std::max(1.0, static_cast<double>(mask_.Count()));
  }

 private:
  const std::vector<float>& values_;
  const int side_;
  const BitGrid mask_;
};

struct Filler {
  TrustTerms terms{};

  double& operator[](TrustTerm term) { return terms[static_cast<size_t>(term)]; }

  void FromSums(const MaskSums& sums) {
    const auto foreground = static_cast<double>(sums.foreground);
    (*this)[TrustTerm::kSoftDice] =
        SoftDice(sums.probability, sums.probability_in_mask, foreground);
    (*this)[TrustTerm::kLogArea] = std::log(foreground / static_cast<double>(sums.pixels));
    (*this)[TrustTerm::kMeanInside] = sums.probability_in_mask / foreground;
    (*this)[TrustTerm::kShareOutside] = 1 - sums.probability_in_mask / sums.probability;
    (*this)[TrustTerm::kMaxProbability] = sums.max_probability;
  }

  void FromGrid(const Grid& grid) {
    (*this)[TrustTerm::kMeanEntropy] = grid.MeanEntropy();
    (*this)[TrustTerm::kBandEntropy] = grid.BandEntropy();
    (*this)[TrustTerm::kSpread] = std::log((1 + grid.AreaFrom(0.25F)) / (1 + grid.AreaFrom(0.75F)));
    double all = 0, largest = 0, count = 0;
    for (const int64_t size : grid.Parts()) {
      all += static_cast<double>(size);
      largest = std::max(largest, static_cast<double>(size));
      ++count;
    }
    (*this)[TrustTerm::kLogComponents] = std::log(std::max(1.0, count));
    (*this)[TrustTerm::kLargestPart] = all > 0 ? largest / all : 1;
  }

  void FromZones(const ZoneProbabilities& zones, double left_share) {
    double entropy = 0, count = 0;
    for (const float p : zones) {
      entropy += Entropy(p) / kZones;
      count += p;
    }
    (*this)[TrustTerm::kZoneEntropy] = entropy;
    (*this)[TrustTerm::kZoneCount] = count;
    const ZoneBits reported = Reported(zones);
    const bool left = reported[0] || reported[1] || reported[2];
    const bool right = reported[3] || reported[4] || reported[5];
    (*this)[TrustTerm::kSidesAgree] = (left ? left_share : 0) + (right ? 1 - left_share : 0);
  }
};

}  // namespace

absl::string_view NameOf(TrustTerm term) {
  return kNames[static_cast<size_t>(term)];
}

TrustTerms TrustTermsOf(const Prediction& prediction, const MaskSums& sums, const Asked& asked) {
  Filler filler;
  const Grid grid(prediction.probabilities, asked.threshold);
  filler.FromSums(sums);
  filler.FromGrid(grid);
  if (prediction.zones.has_value()) {
    filler.FromZones(*prediction.zones, grid.LeftShare(asked.transposed));
  }
  if (!prediction.prototypes.empty()) {
    filler[TrustTerm::kSimilarity] = prediction.prototypes.front().similarity;
    filler[TrustTerm::kSimilarityGap] = prediction.prototype_margin;
  }
  if (asked.guided_by.has_value()) {
    const auto shares = ZoneShares(prediction.probabilities, asked.threshold, asked.transposed);
    filler[TrustTerm::kAgreement] = Agreement(shares, *asked.guided_by);
  }
  return filler.terms;
}

}  // namespace lingula
