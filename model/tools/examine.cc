#include "model/tools/examine.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"
#include "model/eval/distances.h"
#include "model/image/mask.h"
#include "model/text/report_grammar.h"
#include "model/train/picture_files.h"

namespace lingula {
namespace {

constexpr size_t kBatch = 8;

absl::StatusOr<Sample> ReadSample(const DataRow& row, const InputSpec& spec,
                                  const ExamineOptions& options) {
  Sample sample;
  LINGULA_ASSIGN_OR_RETURN(const cv::Mat picture, ReadPicture(row.image, spec.channels));
  auto pixels = Preprocess(picture, spec);
  if (!pixels.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(row.image, ": ", pixels.status().message()));
  }
  sample.pixels = *std::move(pixels);
  sample.guidance = options.guidance;
  sample.second_opinion = options.second_opinion;
  if (options.guidance == GuidanceMode::kReport && !options.same_report && !row.zones) {
    return absl::InvalidArgumentError(
        absl::StrCat(row.image, ": guidance by report needs the columns zones or report"));
  }
  sample.report = options.same_report ? ZoneBits().set() : row.zones.value_or(ZoneBits());
  return sample;
}

absl::Span<const uint8_t> Bytes(const cv::Mat& mask) {
  return absl::MakeConstSpan(mask.data, mask.total());
}

// Counts for every threshold from one pass: a pixel is in the masks of all thresholds up to its
// probability.
std::array<OverlapCounts, kThresholds> CountAll(const cv::Mat& probabilities,
                                                const cv::Mat& truth) {
  std::array<float, kThresholds> thresholds{};
  for (int i = 0; i < kThresholds; ++i) {
    thresholds[i] = ThresholdAt(i);
  }
  std::array<int64_t, kThresholds + 1> inside{}, outside{};
  for (size_t i = 0; i < truth.total(); ++i) {
    const float p = probabilities.ptr<float>()[i];
    const auto passed =
        std::upper_bound(thresholds.begin(), thresholds.end(), p) - thresholds.begin();
    ++(truth.data[i] != 0 ? inside : outside)[passed];
  }
  std::array<OverlapCounts, kThresholds> counts{};
  const auto all_inside = std::accumulate(inside.begin(), inside.end(), int64_t{0});
  const auto all_outside = std::accumulate(outside.begin(), outside.end(), int64_t{0});
  int64_t hits = 0, misses = 0;
  for (int i = kThresholds - 1; i >= 0; --i) {
    hits += inside[i + 1];
    misses += outside[i + 1];
    counts[i].true_positive = hits;
    counts[i].false_positive = misses;
    counts[i].false_negative = all_inside - hits;
    counts[i].true_negative = all_outside - misses;
  }
  return counts;
}

void CompareWith(const cv::Mat& truth, const cv::Mat& mask, const cv::Mat& probabilities,
                 float threshold, const ExamineOptions& options, Examined& entry) {
  entry.has_mask = true;
  entry.score.counts = CountOverlap(Bytes(mask), Bytes(truth));
  entry.score.above = CountOverlap(Bytes(probabilities > threshold), Bytes(truth));
  if (options.distances) {
    entry.score.hd95 = Hausdorff95(Bytes(mask), Bytes(truth), truth.cols);
  }
  if (options.thresholds) {
    entry.at = CountAll(probabilities, truth);
  }
}

void NoteTrust(const Prediction& prediction, const MaskSums& sums, const Asked& asked,
               const Calibration* calibration, Examined& entry) {
  const Trust trust = TrustIn(calibration, prediction, sums, asked);
  entry.outlyingness = trust.outlyingness;
  entry.max_probability = sums.max_probability;
  entry.presence = trust.presence;
  entry.agreement = trust.agreement;
  const bool reported = prediction.zones.has_value() && Reported(*prediction.zones).any();
  const bool speaks = prediction.guidance == GuidanceMode::kGeneratedReport;
  entry.conflict = trust.conflict || (speaks && reported == (sums.foreground == 0));
  entry.share_found = static_cast<double>(sums.foreground) / static_cast<double>(sums.pixels);
  if (!trust.expected_dice.has_value()) {
    return;
  }
  entry.terms = *trust.terms;
  entry.score.expected_dice = *trust.expected_dice;
  if (trust.calibrated) {
    entry.score.expected_low = trust.low;
    entry.score.expected_high = trust.high;
  }
}

void NoteSecond(const Prediction& prediction, const InputSpec& spec, float threshold,
                const cv::Mat& first, Examined& entry) {
  if (!prediction.second.has_value()) {
    return;
  }
  const RenderedMask second = RenderMask(
      RestoreProbabilities(prediction.second->probabilities, spec, first.size()), threshold);
  const OverlapCounts counts = CountOverlap(Bytes(second.mask), Bytes(first));
  if (counts.true_positive + counts.false_positive + counts.false_negative > 0) {
    entry.second_dice = counts.Dice();
  }
}

void NoteWords(const DataRow& row, const Prediction& prediction, ImageScore& score) {
  if (prediction.guidance == GuidanceMode::kGeneratedReport) {
    score.report_found = prediction.report;
    score.report_true = !row.report.empty() ? row.report : row.zones ? ReportFor(*row.zones) : "";
  }
  score.group = row.group;
  score.has_zones = row.zones.has_value() && prediction.zones.has_value();
  score.zones_found = Reported(prediction.zones.value_or(ZoneProbabilities()));
  score.zones_true = row.zones.value_or(ZoneBits());
}

absl::StatusOr<Examined> ExamineOne(const DataRow& row, Prediction prediction,
                                    const bundle::v1::Manifest& manifest, bool own_guidance,
                                    const ExamineOptions& options) {
  const InputSpec spec = InputSpecFrom(manifest.input());
  Examined entry;
  entry.image = row.image;
  cv::Mat truth;
  cv::Size size(spec.side_px, spec.side_px);
  if (!row.mask.empty()) {
    LINGULA_ASSIGN_OR_RETURN(truth, ReadMask(row.mask));
    size = truth.size();
  }
  const cv::Mat probabilities = RestoreProbabilities(prediction.probabilities, spec, size);
  const RenderedMask found = RenderMask(probabilities, manifest.threshold());
  if (!truth.empty()) {
    CompareWith(truth, found.mask, probabilities, manifest.threshold(), options, entry);
  }
  const std::optional<ZoneBits> told = options.same_report ? ZoneBits().set() : row.zones;
  NoteTrust(prediction, found.sums,
            {manifest.threshold(), own_guidance, spec.transpose,
             GuidedBy(prediction, told, PoolsAreZones(manifest))},
            options.calibration, entry);
  NoteSecond(prediction, spec, manifest.threshold(), found.mask, entry);
  NoteWords(row, prediction, entry.score);
  entry.features = std::move(prediction.features);
  return entry;
}

}  // namespace

float ThresholdAt(int i) {
  return static_cast<float>(i + 1) / static_cast<float>(kThresholds + 1);
}

absl::Status ForBatches(const std::vector<DataRow>& rows, const InputSpec& spec,
                        const ExamineOptions& options, const std::function<void(int64_t)>& progress,
                        const VisitBatch& visit) {
  for (size_t from = 0; from < rows.size(); from += kBatch) {
    const size_t to = std::min(rows.size(), from + kBatch);
    std::vector<Sample> samples;
    for (size_t i = from; i < to; ++i) {
      LINGULA_ASSIGN_OR_RETURN(Sample sample, ReadSample(rows[i], spec, options));
      samples.push_back(std::move(sample));
    }
    std::vector<const Sample*> batch;
    for (const Sample& sample : samples) {
      batch.push_back(&sample);
    }
    LINGULA_RETURN_IF_ERROR(visit(from, batch));
    progress(static_cast<int64_t>(to));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Examined>> Examine(Engine& engine, const bundle::v1::Manifest& manifest,
                                              const std::vector<DataRow>& rows,
                                              const ExamineOptions& options,
                                              const std::function<void(int64_t)>& progress) {
  std::vector<Examined> entries;
  const bool own = options.guidance == OwnGuidance(engine);
  LINGULA_RETURN_IF_ERROR(ForBatches(
      rows, InputSpecFrom(manifest.input()), options, progress,
      [&](size_t from, absl::Span<const Sample* const> batch) -> absl::Status {
        for (auto& prediction : engine.Predict(batch)) {
          LINGULA_RETURN_IF_ERROR(prediction.status());
          LINGULA_ASSIGN_OR_RETURN(Examined entry, ExamineOne(rows[from++], *std::move(prediction),
                                                              manifest, own, options));
          entries.push_back(std::move(entry));
        }
        return absl::OkStatus();
      }));
  return entries;
}

}  // namespace lingula
