#include "model/tools/evaluate.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "model/base/status_macros.h"
#include "model/image/mask.h"
#include "model/train/picture_files.h"

namespace lingula {
namespace {

constexpr size_t kBatch = 8;

absl::StatusOr<Sample> ReadSample(const DataRow& row, const InputSpec& spec,
                                  GuidanceMode guidance) {
  Sample sample;
  LINGULA_ASSIGN_OR_RETURN(const cv::Mat picture, ReadPicture(row.image, spec.channels));
  auto pixels = Preprocess(picture, spec);
  if (!pixels.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(row.image, ": ", pixels.status().message()));
  }
  sample.pixels = *std::move(pixels);
  sample.guidance = guidance;
  if (guidance == GuidanceMode::kReport) {
    if (!row.zones) {
      return absl::InvalidArgumentError(
          absl::StrCat(row.image, ": guidance by report needs the columns zones or report"));
    }
    sample.report = *row.zones;
  }
  return sample;
}

absl::StatusOr<ImageScore> Score(const DataRow& row, const Prediction& prediction,
                                 const InputSpec& spec, float threshold) {
  LINGULA_ASSIGN_OR_RETURN(const cv::Mat truth, ReadMask(row.mask));
  const RenderedMask found =
      RenderMask(RestoreProbabilities(prediction.probabilities, spec, truth.size()), threshold);
  ImageScore score;
  score.counts = CountOverlap(absl::MakeConstSpan(found.mask.data, found.mask.total()),
                              absl::MakeConstSpan(truth.data, truth.total()));
  score.expected_dice = found.sums.foreground == 0
                            ? std::nan("")
                            : SoftDice(found.sums.probability, found.sums.probability_in_mask,
                                       static_cast<double>(found.sums.foreground));
  score.zones_found = Reported(prediction.zones);
  score.has_zones = row.zones.has_value();
  score.zones_true = row.zones.value_or(ZoneBits());
  return score;
}

absl::StatusOr<std::vector<uint8_t>> MaskOf(Engine& engine, const Sample& sample, float threshold) {
  const std::vector<const Sample*> batch = {&sample};
  LINGULA_ASSIGN_OR_RETURN(const Prediction prediction, std::move(engine.Predict(batch).front()));
  std::vector<uint8_t> mask;
  mask.reserve(prediction.probabilities.size());
  for (const float p : prediction.probabilities) {
    mask.push_back(p >= threshold ? 1 : 0);
  }
  return mask;
}

}  // namespace

absl::StatusOr<double> MaskAgreement(Engine& one, Engine& other,
                                     const bundle::v1::Manifest& manifest,
                                     const std::vector<DataRow>& rows,
                                     const std::function<void(int64_t)>& progress) {
  const InputSpec spec = InputSpecFrom(manifest.input());
  OverlapCounts counts;
  int64_t done = 0;
  for (const DataRow& row : rows) {
    LINGULA_ASSIGN_OR_RETURN(const Sample sample,
                             ReadSample(row, spec, GuidanceMode::kGeneratedReport));
    LINGULA_ASSIGN_OR_RETURN(const auto mask, MaskOf(one, sample, manifest.threshold()));
    LINGULA_ASSIGN_OR_RETURN(const auto other_mask, MaskOf(other, sample, manifest.threshold()));
    counts += CountOverlap(mask, other_mask);
    progress(++done);
  }
  return counts.Dice();
}

absl::StatusOr<std::vector<ImageScore>> Evaluate(Engine& engine,
                                                 const bundle::v1::Manifest& manifest,
                                                 const std::vector<DataRow>& rows,
                                                 GuidanceMode guidance,
                                                 const std::function<void(int64_t)>& progress) {
  const InputSpec spec = InputSpecFrom(manifest.input());
  std::vector<ImageScore> scores;
  for (size_t from = 0; from < rows.size(); from += kBatch) {
    const size_t to = std::min(rows.size(), from + kBatch);
    std::vector<Sample> samples;
    for (size_t i = from; i < to; ++i) {
      LINGULA_ASSIGN_OR_RETURN(Sample sample, ReadSample(rows[i], spec, guidance));
      samples.push_back(std::move(sample));
    }
    std::vector<const Sample*> batch;
    for (const Sample& sample : samples) {
      batch.push_back(&sample);
    }
    const auto predictions = engine.Predict(batch);
    for (size_t i = from; i < to; ++i) {
      LINGULA_RETURN_IF_ERROR(predictions[i - from].status());
      LINGULA_ASSIGN_OR_RETURN(ImageScore score,
                               Score(rows[i], *predictions[i - from], spec, manifest.threshold()));
      scores.push_back(score);
    }
    progress(static_cast<int64_t>(to));
  }
  return scores;
}

}  // namespace lingula
