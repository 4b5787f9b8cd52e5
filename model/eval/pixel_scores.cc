#include "model/eval/pixel_scores.h"

#include <algorithm>
#include <cmath>

namespace lingula {
namespace {

PixelScores ScoresOf(const BatchCounts& counts) {
  return {counts.above.Accuracy(), counts.at_least.Dice(), counts.above.Jaccard()};
}

float Sigmoid(float x) {
  return 1 / (1 + std::exp(-x));
}

}  // namespace

BatchCounts CountBatch(absl::Span<const float> probabilities, absl::Span<const uint8_t> reference) {
  const bool logits = std::any_of(probabilities.begin(), probabilities.end(),
                                  [](float p) { return !(p >= 0 && p <= 1); });
  std::vector<uint8_t> above, at_least;
  for (const float p : probabilities) {
    above.push_back((logits ? Sigmoid(p) : p) > 0.5F ? 1 : 0);
    at_least.push_back(p >= 0.5F ? 1 : 0);
  }
  return {CountOverlap(above, reference), CountOverlap(at_least, reference)};
}

PixelScores PooledScores(const std::vector<BatchCounts>& batches) {
  BatchCounts pooled;
  for (const BatchCounts& batch : batches) {
    pooled.above += batch.above;
    pooled.at_least += batch.at_least;
  }
  return ScoresOf(pooled);
}

PixelScores BatchMeanScores(const std::vector<BatchCounts>& batches) {
  PixelScores mean;
  for (const BatchCounts& batch : batches) {
    const PixelScores scores = ScoresOf(batch);
    mean.accuracy += scores.accuracy;
    mean.dice += scores.dice;
    mean.jaccard += scores.jaccard;
  }
  const auto count = static_cast<double>(batches.size());
  mean.accuracy /= count;
  mean.dice /= count;
  mean.jaccard /= count;
  return mean;
}

}  // namespace lingula
