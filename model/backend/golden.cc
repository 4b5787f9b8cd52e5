#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/backend/load_engine.h"
#include "model/base/status_macros.h"

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

}  // namespace

absl::Status CheckGolden(Engine& engine, const Bundle& bundle, bool bf16) {
  LINGULA_ASSIGN_OR_RETURN(const auto pixels, Values(bundle, "pixels"));
  LINGULA_ASSIGN_OR_RETURN(const auto probabilities, Values(bundle, "probabilities"));
  LINGULA_ASSIGN_OR_RETURN(const auto zones, Values(bundle, "zones"));
  const size_t area = static_cast<size_t>(engine.side_px()) * engine.side_px();
  const size_t input = area * engine.channels();
  const size_t count = pixels.size() / input;
  if (count == 0 || pixels.size() != count * input || probabilities.size() != count * area ||
      zones.size() != count * kZones) {
    return absl::InvalidArgumentError(
        absl::StrCat(kGoldenFile, ": the sizes of its tensors do not fit the network"));
  }
  std::vector<Sample> samples(count);
  std::vector<const Sample*> batch;
  for (size_t i = 0; i < count; ++i) {
    samples[i].pixels.assign(pixels.begin() + i * input, pixels.begin() + (i + 1) * input);
    batch.push_back(&samples[i]);
  }
  const auto& tolerance = bundle.manifest.golden();
  const float mask_limit = bf16 ? tolerance.bf16_mean_abs() : tolerance.mean_abs();
  const float zone_limit = bf16 ? tolerance.bf16_zone_abs() : tolerance.zone_abs();
  const auto answers = engine.Predict(batch);
  for (size_t i = 0; i < count; ++i) {
    LINGULA_RETURN_IF_ERROR(answers[i].status());
    double mask_error = 0, zone_error = 0;
    for (size_t p = 0; p < area; ++p) {
      mask_error += std::abs(answers[i]->probabilities[p] - probabilities[i * area + p]);
    }
    mask_error /= static_cast<double>(area);
    for (int z = 0; z < kZones; ++z) {
      zone_error =
          std::max<double>(zone_error, std::abs(answers[i]->zones[z] - zones[i * kZones + z]));
    }
    // Written so that NaN fails.
    if (!(mask_error <= mask_limit) || !(zone_error <= zone_limit)) {
      return absl::FailedPreconditionError(absl::StrFormat(
          "golden run: sample %d differs by %.2g in the mask (mean, allowed %.2g) and %.2g in a "
          "zone "
          "(allowed %.2g): this build or processor does not compute what the bundle was made for",
          i, mask_error, mask_limit, zone_error, zone_limit));
    }
  }
  return absl::OkStatus();
}

}  // namespace lingula
