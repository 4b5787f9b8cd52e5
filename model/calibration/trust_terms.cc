#include "model/calibration/trust_terms.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <opencv2/imgproc.hpp>

#include "model/eval/overlap.h"

namespace lingula {
namespace {

constexpr const char* kNames[kTrustTerms] = {
    "soft_dice",    "log_area",     "mean_inside", "share_outside",  "max_probability",
    "mean_entropy", "band_entropy", "spread",      "log_components", "largest_part",
    "zone_entropy", "zone_count",   "sides_agree", "similarity",     "similarity_gap"};

double Entropy(double p) {
  return p <= 0 || p >= 1 ? 0 : -p * std::log2(p) - (1 - p) * std::log2(1 - p);
}

// The network's answer as a picture of its own.
class Grid {
 public:
  Grid(const std::vector<float>& probabilities, float threshold)
      : values_(probabilities),
        side_(static_cast<int>(std::lround(std::sqrt(static_cast<double>(values_.size()))))) {
    // cv::Mat has no view of constant data; nothing is written.
    const cv::Mat map(side_, side_, CV_32FC1, const_cast<float*>(values_.data()));
    mask_ = map >= threshold;
  }

  double AreaFrom(float p) const {
    return static_cast<double>(
        std::count_if(values_.begin(), values_.end(), [p](float value) { return value >= p; }));
  }

  double BandEntropy() const {
    const cv::Mat box(2 * kBandPx + 1, 2 * kBandPx + 1, CV_8UC1, cv::Scalar(1));
    cv::Mat band;
    cv::morphologyEx(mask_, band, cv::MORPH_GRADIENT, box);
    std::vector<float> inside;
    for (size_t i = 0; i < values_.size(); ++i) {
      if (band.data[i] != 0) {
        inside.push_back(values_[i]);
      }
    }
    return MeanEntropyBits(inside);
  }

  // Sizes of the connected parts.
  std::vector<double> Parts() const {
    cv::Mat labels, statistics, centres;
    cv::connectedComponentsWithStats(mask_, labels, statistics, centres);
    std::vector<double> sizes;
    for (int i = 1; i < statistics.rows; ++i) {  // 0 is the background
      sizes.push_back(statistics.at<int>(i, cv::CC_STAT_AREA));
    }
    return sizes;
  }

  // Share of the mask on the left half of the picture.
  double LeftShare(bool transposed) const {
    const cv::Mat left = transposed ? mask_.rowRange(0, side_ / 2) : mask_.colRange(0, side_ / 2);
    return cv::countNonZero(left) / std::max(1.0, static_cast<double>(cv::countNonZero(mask_)));
  }

 private:
  const std::vector<float>& values_;
  const int side_;
  cv::Mat mask_;
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
    (*this)[TrustTerm::kBandEntropy] = grid.BandEntropy();
    (*this)[TrustTerm::kSpread] = std::log((1 + grid.AreaFrom(0.25F)) / (1 + grid.AreaFrom(0.75F)));
    double all = 0, largest = 0, count = 0;
    for (const double size : grid.Parts()) {
      all += size;
      largest = std::max(largest, size);
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

TrustTerms TrustTermsOf(const Prediction& prediction, const MaskSums& sums, float threshold,
                        bool transposed) {
  Filler filler;
  const Grid grid(prediction.probabilities, threshold);
  filler.FromSums(sums);
  filler.FromGrid(grid);
  filler[TrustTerm::kMeanEntropy] = MeanEntropyBits(prediction.probabilities);
  if (prediction.zones.has_value()) {
    filler.FromZones(*prediction.zones, grid.LeftShare(transposed));
  }
  if (!prediction.prototypes.empty()) {
    filler[TrustTerm::kSimilarity] = prediction.prototypes.front().similarity;
    filler[TrustTerm::kSimilarityGap] = prediction.prototype_margin;
  }
  return filler.terms;
}

}  // namespace lingula
