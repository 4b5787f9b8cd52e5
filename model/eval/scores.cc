#include "model/eval/scores.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

namespace lingula {
namespace {

constexpr size_t kBatch = 32;

OverlapCounts Pool(const std::vector<ImageScore>& images, size_t from, size_t to) {
  OverlapCounts pooled;
  for (size_t i = from; i < to; ++i) {
    pooled += images[i].counts;
  }
  return pooled;
}

double BatchMean(const std::vector<ImageScore>& images) {
  double sum = 0;
  size_t batches = 0;
  for (size_t from = 0; from < images.size(); from += kBatch, ++batches) {
    sum += Pool(images, from, std::min(images.size(), from + kBatch)).Dice();
  }
  return sum / static_cast<double>(batches);
}

void Bootstrap(const std::vector<ImageScore>& images, int resamples, uint64_t seed,
               DataSetScores& scores) {
  std::mt19937_64 random(seed);
  std::vector<double> draws(resamples);
  for (double& draw : draws) {
    OverlapCounts pooled;
    for (size_t i = 0; i < images.size(); ++i) {
      pooled += images[random() % images.size()].counts;
    }
    draw = pooled.Dice();
  }
  std::sort(draws.begin(), draws.end());
  const auto at = [&](double share) {
    return draws[static_cast<size_t>(share * static_cast<double>(draws.size() - 1))];
  };
  scores.dice_low = at(0.025);
  scores.dice_high = at(0.975);
}

void ScoreZones(const std::vector<ImageScore>& images, DataSetScores& scores) {
  std::array<int64_t, kZones> hit{}, found{}, there{};
  int64_t right = 0, bits = 0;
  for (const ImageScore& image : images) {
    for (int z = 0; image.has_zones && z < kZones; ++z) {
      hit[z] += image.zones_found[z] && image.zones_true[z];
      found[z] += image.zones_found[z];
      there[z] += image.zones_true[z];
      right += image.zones_found[z] == image.zones_true[z];
      ++bits;
    }
  }
  if (bits == 0) {
    scores.zone_accuracy = scores.zone_f1 = std::nan("");
    return;
  }
  scores.zone_accuracy = static_cast<double>(right) / static_cast<double>(bits);
  for (int z = 0; z < kZones; ++z) {
    const int64_t total = found[z] + there[z];
    scores.zone_f1 +=
        total == 0 ? 0 : 2.0 * static_cast<double>(hit[z]) / static_cast<double>(total);
  }
  scores.zone_f1 /= kZones;
}

}  // namespace

DataSetScores ScoreDataSet(const std::vector<ImageScore>& images, int resamples, uint64_t seed) {
  DataSetScores scores;
  scores.images = static_cast<int64_t>(images.size());
  if (images.empty()) {
    return scores;
  }
  const OverlapCounts pooled = Pool(images, 0, images.size());
  scores.dice = pooled.Dice();
  scores.jaccard = pooled.Jaccard();
  scores.accuracy = pooled.Accuracy();
  scores.dice_batch_mean = BatchMean(images);
  int64_t masks = 0;
  for (const ImageScore& image : images) {
    const double dice = image.counts.Dice();
    scores.dice_image_mean += dice / static_cast<double>(images.size());
    if (!std::isnan(image.expected_dice)) {
      scores.expected_dice_error += std::abs(image.expected_dice - dice);
      ++masks;
    }
  }
  scores.expected_dice_error = masks == 0 ? std::nan("") : scores.expected_dice_error / masks;
  Bootstrap(images, resamples, seed, scores);
  ScoreZones(images, scores);
  return scores;
}

}  // namespace lingula
