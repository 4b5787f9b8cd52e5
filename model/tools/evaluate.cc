#include "model/tools/evaluate.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "model/backend/load_engine.h"
#include "model/backend/write_bundle.h"
#include "model/base/status_macros.h"
#include "model/image/mask.h"
#include "model/train/picture_files.h"
#include "model/train/progress.h"

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
  score.has_zones = row.zones.has_value() && prediction.zones.has_value();
  score.zones_found = Reported(prediction.zones.value_or(ZoneProbabilities()));
  score.zones_true = row.zones.value_or(ZoneBits());
  return score;
}

// The masks of one batch at the network's size, one after another.
absl::StatusOr<std::vector<uint8_t>> MasksOf(Engine& engine, absl::Span<const Sample* const> batch,
                                             float threshold) {
  std::vector<uint8_t> masks;
  for (const auto& prediction : engine.Predict(batch)) {
    LINGULA_RETURN_IF_ERROR(prediction.status());
    for (const float p : prediction->probabilities) {
      masks.push_back(p >= threshold ? 1 : 0);
    }
  }
  return masks;
}

// Calls `visit(first row, samples)` for batches of rows. The samples live for the call.
using Visit = std::function<absl::Status(size_t, absl::Span<const Sample* const>)>;
absl::Status ForBatches(const std::vector<DataRow>& rows, const InputSpec& spec,
                        GuidanceMode guidance, const std::function<void(int64_t)>& progress,
                        const Visit& visit) {
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
    LINGULA_RETURN_IF_ERROR(visit(from, batch));
    progress(static_cast<int64_t>(to));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<double> MaskAgreement(Engine& one, Engine& other,
                                     const bundle::v1::Manifest& manifest,
                                     const std::vector<DataRow>& rows,
                                     const std::function<void(int64_t)>& progress) {
  OverlapCounts counts;
  LINGULA_RETURN_IF_ERROR(ForBatches(
      rows, InputSpecFrom(manifest.input()), OwnGuidance(one), progress,
      [&](size_t /*from*/, absl::Span<const Sample* const> batch) -> absl::Status {
        LINGULA_ASSIGN_OR_RETURN(const auto masks, MasksOf(one, batch, manifest.threshold()));
        LINGULA_ASSIGN_OR_RETURN(const auto others, MasksOf(other, batch, manifest.threshold()));
        counts += CountOverlap(masks, others);
        return absl::OkStatus();
      }));
  return counts.Dice();
}

absl::StatusOr<std::vector<ImageScore>> Evaluate(Engine& engine,
                                                 const bundle::v1::Manifest& manifest,
                                                 const std::vector<DataRow>& rows,
                                                 GuidanceMode guidance,
                                                 const std::function<void(int64_t)>& progress) {
  const InputSpec spec = InputSpecFrom(manifest.input());
  std::vector<ImageScore> scores;
  LINGULA_RETURN_IF_ERROR(ForBatches(
      rows, spec, guidance, progress,
      [&](size_t from, absl::Span<const Sample* const> batch) -> absl::Status {
        for (const auto& prediction : engine.Predict(batch)) {
          LINGULA_RETURN_IF_ERROR(prediction.status());
          LINGULA_ASSIGN_OR_RETURN(ImageScore score,
                                   Score(rows[from++], *prediction, spec, manifest.threshold()));
          scores.push_back(score);
        }
        return absl::OkStatus();
      }));
  return scores;
}

const std::map<std::string, bundle::v1::Arithmetic>& ArithmeticNames() {
  static const auto& kNames = *new std::map<std::string, bundle::v1::Arithmetic>{
      {"float32", bundle::v1::ARITHMETIC_FLOAT32},
      {"bfloat16", bundle::v1::ARITHMETIC_BFLOAT16},
      {"float16", bundle::v1::ARITHMETIC_FLOAT16}};
  return kNames;
}

absl::Status MeasurePrecision(const std::string& folder, const std::vector<DataRow>& rows,
                              bundle::v1::Arithmetic wanted) {
  LINGULA_ASSIGN_OR_RETURN(const Bundle bundle, OpenBundle(folder));
  bundle::v1::Manifest manifest = bundle.manifest;
  const auto load = [&](Precision precision) {
    EngineOptions options;
    options.precision = precision;
    return LoadEngine(bundle, options);
  };
  LINGULA_ASSIGN_OR_RETURN(const auto float32, load(Precision::kFloat32));
  const auto dice = [&](const char* name, Precision precision) -> absl::StatusOr<float> {
    const auto low = load(precision);
    if (absl::IsFailedPrecondition(low.status())) {
      return 0;  // not measured: this processor cannot run it, or the golden run fails
    }
    LINGULA_RETURN_IF_ERROR(low.status());
    Progress progress(absl::StrCat(name, " against float32"), static_cast<int64_t>(rows.size()));
    LINGULA_ASSIGN_OR_RETURN(const double agreement,
                             MaskAgreement(*float32, **low, manifest, rows,
                                           [&](int64_t done) { progress.Advance(done); }));
    return static_cast<float>(agreement);
  };
  LINGULA_ASSIGN_OR_RETURN(const float bf16, dice("bfloat16", Precision::kBfloat16));
  LINGULA_ASSIGN_OR_RETURN(const float fp16, dice("float16", Precision::kFloat16));
  manifest.set_bf16_dice(bf16);
  manifest.set_fp16_dice(fp16);
  const float measured = wanted == bundle::v1::ARITHMETIC_BFLOAT16  ? manifest.bf16_dice()
                         : wanted == bundle::v1::ARITHMETIC_FLOAT16 ? manifest.fp16_dice()
                                                                    : 1;
  const bool good = measured >= kLowestDice;
  manifest.set_arithmetic(good ? wanted : bundle::v1::ARITHMETIC_FLOAT32);
  LINGULA_RETURN_IF_ERROR(FinishBundle(folder, manifest));
  return good ? absl::OkStatus()
              : absl::FailedPreconditionError(
                    absl::StrCat(bundle::v1::Arithmetic_Name(wanted),
                                 ": the Dice between its masks and "
                                 "float32's is ",
                                 measured, " (0: could not be measured here), needs ", kLowestDice,
                                 "; the bundle keeps float32"));
}

}  // namespace lingula
