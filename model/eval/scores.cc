#include "model/eval/scores.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "model/eval/zone_scores.h"

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

void ScoreZonesOf(const std::vector<ImageScore>& images, DataSetScores& scores) {
  std::vector<ZonePair> pairs;
  for (const ImageScore& image : images) {
    if (image.has_zones) {
      pairs.push_back({image.zones_found, image.zones_true});
    }
  }
  const ZoneScores zones = ScoreZones(pairs);
  scores.zone_accuracy = zones.accuracy;
  scores.zone_f1 = zones.f1_macro;
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
  ScoreZonesOf(images, scores);
  return scores;
}

}  // namespace lingula
