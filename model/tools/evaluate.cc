#include "model/tools/evaluate.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "model/backend/load_engine.h"
#include "model/backend/write_bundle.h"
#include "model/base/status_macros.h"
#include "model/tools/examine.h"
#include "model/train/progress.h"

namespace lingula {
namespace {

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

}  // namespace

absl::StatusOr<double> MaskAgreement(Engine& one, Engine& other,
                                     const bundle::v1::Manifest& manifest,
                                     const std::vector<DataRow>& rows,
                                     const std::function<void(int64_t)>& progress) {
  OverlapCounts counts;
  ExamineOptions options;
  options.guidance = OwnGuidance(one);
  LINGULA_RETURN_IF_ERROR(ForBatches(
      rows, InputSpecFrom(manifest.input()), options, progress,
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
  ExamineOptions options;
  options.guidance = guidance;
  options.distances = false;
  LINGULA_ASSIGN_OR_RETURN(const auto examined, Examine(engine, manifest, rows, options, progress));
  std::vector<ImageScore> scores;
  for (const Examined& entry : examined) {
    scores.push_back(entry.score);
  }
  return scores;
}

const std::map<std::string, bundle::v1::Arithmetic>& ArithmeticNames() {
  static const auto& kNames = *new std::map<std::string, bundle::v1::Arithmetic>{
      {"float32", bundle::v1::ARITHMETIC_FLOAT32},
      {"bfloat16", bundle::v1::ARITHMETIC_BFLOAT16},
      {"float16", bundle::v1::ARITHMETIC_FLOAT16}};
  return kNames;
}

// Writes the Dice between masks in low precision and in float32 into the manifest.
absl::Status MeasureLowPrecision(Bundle& bundle, const std::vector<DataRow>& rows) {
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
                             MaskAgreement(*float32, **low, bundle.manifest, rows,
                                           [&](int64_t done) { progress.Advance(done); }));
    return static_cast<float>(agreement);
  };
  LINGULA_ASSIGN_OR_RETURN(const float bf16, dice("bfloat16", Precision::kBfloat16));
  LINGULA_ASSIGN_OR_RETURN(const float fp16, dice("float16", Precision::kFloat16));
  bundle.manifest.set_bf16_dice(bf16);
  bundle.manifest.set_fp16_dice(fp16);
  return absl::OkStatus();
}

absl::Status MeasurePrecision(const std::string& folder, const std::vector<DataRow>& rows,
                              bundle::v1::Arithmetic wanted) {
  LINGULA_ASSIGN_OR_RETURN(Bundle bundle, OpenBundle(folder));
  bundle::v1::Manifest& manifest = bundle.manifest;
  float measured = 1;
  for (const bool float32_encoder : {false, true}) {
    manifest.set_float32_encoder(float32_encoder);
    LINGULA_RETURN_IF_ERROR(MeasureLowPrecision(bundle, rows));
    measured = wanted == bundle::v1::ARITHMETIC_BFLOAT16  ? manifest.bf16_dice()
               : wanted == bundle::v1::ARITHMETIC_FLOAT16 ? manifest.fp16_dice()
                                                          : 1;
    if (measured >= kLowestDice || measured == 0) {
      break;  // good enough with all of it low, or not to be had here at all
    }
  }
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
