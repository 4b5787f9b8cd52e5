// Scores of a whole data set from the figures of its images.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "model/base/zones.h"
#include "model/eval/overlap.h"

namespace lingula {

inline constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();

// What was found for one image.
struct ImageScore {
  OverlapCounts counts;              // foreground is p >= threshold: Dice
  OverlapCounts above;               // foreground is p > threshold: Jaccard and accuracy
  double expected_dice = kNotKnown;  // NaN when the mask is empty
  double expected_low = kNotKnown, expected_high = kNotKnown;  // NaN where not calibrated
  double hd95 = kNotKnown;  // Hausdorff95, in pixels of the size compared at
  ZoneBits zones_found, zones_true;
  bool has_zones = false;                 // zones_true is known
  std::string report_found, report_true;  // empty: not known
  std::string group;                      // images of one group are not independent; empty: of none
};

// Images whose expected Dice is in [low, high), the last bin closed.
struct CalibrationBin {
  double low = 0, high = 0;
  int64_t images = 0;
  double expected = kNotKnown, dice = kNotKnown;  // means
};

struct DataSetScores {
  int64_t images = 0;
  double dice = 0, dice_low = 0, dice_high = 0;  // pooled over all pixels; 95 % bootstrap interval
  int64_t clusters = 0;              // that the bootstrap drew: groups, and images without one
  double dice_image_mean = 0;        // mean of the images' own Dice
  double jaccard = 0, accuracy = 0;  // pooled
  // Means over batches of 32 in order, a short last one weighing as much (ProLearn's way).
  double dice_batch_mean = 0, jaccard_batch_mean = 0, accuracy_batch_mean = 0;
  double hd95_mean = kNotKnown, hd95_median = kNotKnown;
  int64_t hd95_missing = 0;  // images of which one mask is empty: they have no distance
  // Over all bits of images whose zones are known; F1 is macro over the six zones.
  double zone_accuracy = 0, zone_precision = 0, zone_recall = 0, zone_f1 = 0;
  int64_t reports = 0;  // images with a report found and a true one
  std::array<double, 4> bleu{};
  double rouge_l = kNotKnown, exact_reports = kNotKnown;  // share of equal texts
  // Where there is a mask:
  double expected_dice_error = kNotKnown;  // mean |expected - true Dice|
  double expected_dice_rank = kNotKnown;   // Spearman
  double coverage = kNotKnown, interval_width = kNotKnown;
  std::vector<CalibrationBin> calibration;  // 10
};

// `resamples` bootstrap draws of whole groups, decided by `seed`.
DataSetScores ScoreDataSet(const std::vector<ImageScore>& images, int resamples, uint64_t seed);

// Some of the images, by what they have in common.
struct Subgroup {
  std::string name;
  int64_t images = 0;
  double dice = 0, dice_low = 0, dice_high = 0;  // as in DataSetScores
  double hd95_mean = kNotKnown, expected_dice_error = kNotKnown;
};

// One or both lungs (by the true zones), quarters by the size of the true mask, and each group
// where there are 2 to 12. Subgroups without images are left out.
std::vector<Subgroup> ScoreSubgroups(const std::vector<ImageScore>& images, int resamples,
                                     uint64_t seed);

}  // namespace lingula
