#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/backend/load_engine.h"
#include "model/base/status_macros.h"
#include "model/engine/golden_run.h"

namespace lingula {
namespace {

// A float32 tensor of the golden file as plain numbers.
absl::StatusOr<std::vector<float>> Values(const Bundle& bundle, const char* name) {
  LINGULA_ASSIGN_OR_RETURN(const TensorView view, bundle.golden.Get(name));
  if (view.dtype != DType::kF32) {
    return absl::InvalidArgumentError(absl::StrCat(kGoldenFile, ": ", name, " must be F32"));
  }
  std::vector<float> values(view.bytes.size() / sizeof(float));
  std::memcpy(values.data(), view.bytes.data(), view.bytes.size());
  return values;
}

absl::Status WrongSizes() {
  return absl::InvalidArgumentError(
      absl::StrCat(kGoldenFile, ": the sizes of its tensors do not fit the network"));
}

double MeanDifference(const std::vector<float>& actual, const float* expected) {
  double sum = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    sum += std::abs(actual[i] - expected[i]);
  }
  return sum / static_cast<double>(actual.size());
}

// NaN where the network should have given zones and did not.
double ZoneDifference(const Prediction& actual, const float* expected) {
  if (!actual.zones.has_value()) {
    return std::nan("");
  }
  double largest = 0;
  for (int z = 0; z < kZones; ++z) {
    const double difference = std::abs((*actual.zones)[z] - expected[z]);
    largest = difference <= largest ? largest : difference;  // NaN stays
  }
  return largest;
}

GuidanceMode OwnGuidance(bundle::v1::Family family) {
  switch (family) {
    case bundle::v1::FAMILY_PROLEARN:
      return GuidanceMode::kPrototypes;
    case bundle::v1::FAMILY_LANGUIDE:
      return GuidanceMode::kReport;
    default:
      return GuidanceMode::kGeneratedReport;
  }
}

}  // namespace

absl::StatusOr<std::vector<Sample>> GoldenSamples(const Bundle& bundle) {
  LINGULA_ASSIGN_OR_RETURN(const auto pixels, Values(bundle, "pixels"));
  const auto& input = bundle.manifest.input();
  const size_t size = size_t{input.channels()} * input.side_px() * input.side_px();
  std::vector<Sample> samples(pixels.size() / size);
  const bool told = bundle.manifest.family() == bundle::v1::FAMILY_LANGUIDE;
  std::vector<float> zones;
  if (told) {
    LINGULA_ASSIGN_OR_RETURN(zones, Values(bundle, "zones"));
  }
  if (samples.empty() || pixels.size() != samples.size() * size ||
      (told && zones.size() != samples.size() * kZones)) {
    return WrongSizes();
  }
  for (size_t i = 0; i < samples.size(); ++i) {
    samples[i].pixels.assign(pixels.begin() + i * size, pixels.begin() + (i + 1) * size);
    samples[i].guidance = OwnGuidance(bundle.manifest.family());
    for (int z = 0; told && z < kZones; ++z) {
      samples[i].report[z] = zones[i * kZones + z] >= kZoneThreshold;
    }
  }
  return samples;
}

absl::Status CheckGolden(Engine& engine, const Bundle& bundle, bool low_precision) {
  LINGULA_ASSIGN_OR_RETURN(std::vector<Sample> samples, GoldenSamples(bundle));
  LINGULA_ASSIGN_OR_RETURN(const auto probabilities, Values(bundle, "probabilities"));
  const size_t area = static_cast<size_t>(engine.side_px()) * engine.side_px();
  const bool finds_zones = bundle.manifest.family() == bundle::v1::FAMILY_SGSEG;
  std::vector<float> zones;
  if (finds_zones) {
    LINGULA_ASSIGN_OR_RETURN(zones, Values(bundle, "zones"));
  }
  if (probabilities.size() != samples.size() * area ||
      (finds_zones && zones.size() != samples.size() * kZones)) {
    return WrongSizes();
  }
  std::vector<const Sample*> batch;
  for (const Sample& sample : samples) {
    batch.push_back(&sample);
  }
  const auto& tolerance = bundle.manifest.golden();
  const float mask_limit = low_precision ? tolerance.bf16_mean_abs() : tolerance.mean_abs();
  const float zone_limit = low_precision ? tolerance.bf16_zone_abs() : tolerance.zone_abs();
  const auto answers = engine.Predict(batch);
  for (size_t i = 0; i < samples.size(); ++i) {
    LINGULA_RETURN_IF_ERROR(answers[i].status());
    const double mask_error =
        MeanDifference(answers[i]->probabilities, probabilities.data() + i * area);
    const double zone_error = finds_zones ? ZoneDifference(*answers[i], &zones[i * kZones]) : 0;
    // Written so that NaN fails.
    if (!(mask_error <= mask_limit) || !(zone_error <= zone_limit)) {
      return GoldenRunFailed(absl::StrFormat(
          "golden run: sample %d differs by %.2g in the mask (mean, allowed %.2g) and %.2g in a "
          "zone (allowed %.2g): this build or processor does not compute what the bundle was made "
          "for",
          i, mask_error, mask_limit, zone_error, zone_limit));
    }
  }
  return absl::OkStatus();
}

}  // namespace lingula
