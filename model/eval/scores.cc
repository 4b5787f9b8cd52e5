#include "model/eval/scores.h"

#include <algorithm>
#include <cmath>

#include "model/eval/bootstrap.h"
#include "model/eval/ranks.h"
#include "model/eval/text_scores.h"
#include "model/eval/zone_scores.h"

namespace lingula {
namespace {

constexpr size_t kBatch = 32;
constexpr size_t kBins = 10;

struct Pooled {
  OverlapCounts counts, above;
};

Pooled Pool(const std::vector<ImageScore>& images, size_t from, size_t to) {
  Pooled pooled;
  for (size_t i = from; i < to; ++i) {
    pooled.counts += images[i].counts;
    pooled.above += images[i].above;
  }
  return pooled;
}

void ScorePixels(const std::vector<ImageScore>& images, DataSetScores& scores) {
  const Pooled all = Pool(images, 0, images.size());
  scores.dice = all.counts.Dice();
  scores.jaccard = all.above.Jaccard();
  scores.accuracy = all.above.Accuracy();
  for (const ImageScore& image : images) {
    scores.dice_image_mean += image.counts.Dice() / static_cast<double>(images.size());
  }
  double batches = 0;
  for (size_t from = 0; from < images.size(); from += kBatch, ++batches) {
    const Pooled batch = Pool(images, from, std::min(images.size(), from + kBatch));
    scores.dice_batch_mean += batch.counts.Dice();
    scores.jaccard_batch_mean += batch.above.Jaccard();
    scores.accuracy_batch_mean += batch.above.Accuracy();
  }
  scores.dice_batch_mean /= batches;
  scores.jaccard_batch_mean /= batches;
  scores.accuracy_batch_mean /= batches;
}

void ScoreDistances(const std::vector<ImageScore>& images, DataSetScores& scores) {
  std::vector<double> distances;
  for (const ImageScore& image : images) {
    if (!std::isnan(image.hd95)) {
      distances.push_back(image.hd95);
      scores.hd95_mean = (distances.size() == 1 ? 0 : scores.hd95_mean) + image.hd95;
    }
  }
  scores.hd95_mean /= static_cast<double>(distances.size());
  scores.hd95_missing = static_cast<int64_t>(images.size() - distances.size());
  scores.hd95_median = Quantile(std::move(distances), 0.5);
}

void ScoreWords(const std::vector<ImageScore>& images, DataSetScores& scores) {
  std::vector<ZonePair> pairs;
  std::vector<TextPair> texts;
  double equal = 0;
  for (const ImageScore& image : images) {
    if (image.has_zones) {
      pairs.push_back({image.zones_found, image.zones_true});
    }
    if (!image.report_found.empty() && !image.report_true.empty()) {
      texts.push_back({image.report_found, image.report_true});
      equal += image.report_found == image.report_true ? 1 : 0;
    }
  }
  const ZoneScores zones = ScoreZones(pairs);
  scores.zone_accuracy = zones.accuracy;
  scores.zone_precision = zones.precision;
  scores.zone_recall = zones.recall;
  scores.zone_f1 = zones.f1_macro;
  scores.reports = static_cast<int64_t>(texts.size());
  if (!texts.empty()) {
    scores.bleu = Bleu(texts);
    scores.rouge_l = RougeL(texts);
    scores.exact_reports = equal / static_cast<double>(texts.size());
  }
}

std::vector<CalibrationBin> Bins(const std::vector<double>& expected,
                                 const std::vector<double>& dice) {
  std::vector<CalibrationBin> bins(kBins);
  std::vector<double> sums(kBins, 0), dice_sums(kBins, 0);
  for (size_t i = 0; i < expected.size(); ++i) {
    const double place = std::clamp(expected[i], 0.0, 1.0) * static_cast<double>(kBins);
    const size_t bin = std::min(kBins - 1, static_cast<size_t>(place));
    ++bins[bin].images;
    sums[bin] += expected[i];
    dice_sums[bin] += dice[i];
  }
  for (size_t i = 0; i < kBins; ++i) {
    bins[i].low = static_cast<double>(i) / static_cast<double>(kBins);
    bins[i].high = static_cast<double>(i + 1) / static_cast<double>(kBins);
    if (bins[i].images > 0) {
      bins[i].expected = sums[i] / static_cast<double>(bins[i].images);
      bins[i].dice = dice_sums[i] / static_cast<double>(bins[i].images);
    }
  }
  return bins;
}

void ScoreExpectations(const std::vector<ImageScore>& images, DataSetScores& scores) {
  std::vector<double> expected, dice;
  double error = 0, width = 0, held = 0, intervals = 0;
  for (const ImageScore& image : images) {
    if (std::isnan(image.expected_dice)) {
      continue;
    }
    expected.push_back(image.expected_dice);
    dice.push_back(image.counts.Dice());
    error += std::abs(expected.back() - dice.back());
    if (!std::isnan(image.expected_low)) {
      ++intervals;
      width += image.expected_high - image.expected_low;
      held += dice.back() >= image.expected_low && dice.back() <= image.expected_high ? 1 : 0;
    }
  }
  scores.expected_dice_error = error / static_cast<double>(expected.size());  // NaN without masks
  scores.expected_dice_rank = RankCorrelation(expected, dice);
  scores.coverage = held / intervals;
  scores.interval_width = width / intervals;
  scores.calibration = Bins(expected, dice);
}

}  // namespace

DataSetScores ScoreDataSet(const std::vector<ImageScore>& images, int resamples, uint64_t seed) {
  DataSetScores scores;
  scores.images = static_cast<int64_t>(images.size());
  if (images.empty()) {
    return scores;
  }
  ScorePixels(images, scores);
  ScoreDistances(images, scores);
  ScoreWords(images, scores);
  ScoreExpectations(images, scores);
  const DiceInterval interval = BootstrapDice(images, resamples, seed);
  scores.dice_low = interval.low;
  scores.dice_high = interval.high;
  scores.clusters = interval.clusters;
  return scores;
}

}  // namespace lingula
