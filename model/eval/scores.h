// Scores of a whole data set from the counts of its images.
#pragma once

#include <cstdint>
#include <vector>

#include "model/base/zones.h"
#include "model/eval/overlap.h"

namespace lingula {

// What was found for one image.
struct ImageScore {
  OverlapCounts counts;
  double expected_dice = 0;  // NaN when the mask is empty
  ZoneBits zones_found, zones_true;
  bool has_zones = false;  // zones_true is known
};

struct DataSetScores {
  int64_t images = 0;
  double dice = 0, dice_low = 0, dice_high = 0;  // pooled over all pixels; 95 % bootstrap interval
  double dice_image_mean = 0;                    // mean of the images' own Dice
  double dice_batch_mean = 0;        // mean over batches of 32 in order (ProLearn's way)
  double jaccard = 0, accuracy = 0;  // pooled
  double zone_accuracy = 0;          // over all bits of images whose zones are known
  double zone_f1 = 0;                // macro over the six zones
  double expected_dice_error = 0;    // mean |expected - true Dice| where there is a mask
};

// `resamples` bootstrap draws of whole images, decided by `seed`.
DataSetScores ScoreDataSet(const std::vector<ImageScore>& images, int resamples, uint64_t seed);

}  // namespace lingula
