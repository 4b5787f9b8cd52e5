// Scores of probability maps in batches, with the quirks of the metrics that the published networks
// were measured with (torchmetrics 1.3; docs/models.md, "Metrics").
#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "model/eval/overlap.h"

namespace lingula {

// Counts of one batch.
struct BatchCounts {
  OverlapCounts above;     // foreground is p > 0.5: accuracy and Jaccard
  OverlapCounts at_least;  // foreground is p >= 0.5: Dice
};

// `probabilities` and `reference` (foreground where nonzero) of all images of a batch, of one
// length. If any value lies outside [0, 1], accuracy and Jaccard take all for logits and Dice does
// not.
BatchCounts CountBatch(absl::Span<const float> probabilities, absl::Span<const uint8_t> reference);

struct PixelScores {
  double accuracy = 0;
  double dice = 0;     // 0 when nothing is there
  double jaccard = 0;  // foreground only; NaN when nothing is there
};

// From the counts of all batches together: how SGSeg is measured.
PixelScores PooledScores(const std::vector<BatchCounts>& batches);
// Mean of the batches' scores, a short last batch weighing as much as any: how ProLearn is
// measured. NaN if a batch's score is, or without batches.
PixelScores BatchMeanScores(const std::vector<BatchCounts>& batches);

}  // namespace lingula
