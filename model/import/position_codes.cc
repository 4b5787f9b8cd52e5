#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/base/status_macros.h"
#include "model/import/checkpoint_map.h"
#include "model/import/pickle.h"

namespace lingula {
namespace {

// float32 sines of angles up to 5,000 differ by some 1e-3 between libraries, and bfloat16 rounds by
// 2e-3; another code differs by 1.
constexpr double kTolerance = 5e-3;

double FromHalf(uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1F;
  const double fraction = bits & 0x3FF;
  const double size = exponent == 0    ? std::ldexp(fraction, -24)
                      : exponent == 31 ? NAN
                                       : std::ldexp(1024 + fraction, exponent - 25);
  return (bits & 0x8000) != 0 ? -size : size;
}

template <typename T>
T At(const std::string& bytes, size_t index) {
  T value;
  std::memcpy(&value, &bytes[index * sizeof(T)], sizeof(T));
  return value;
}

double Element(const StoredTensor& tensor, size_t index) {
  switch (tensor.dtype) {
    case DType::kF32:
      return At<float>(tensor.bytes, index);
    case DType::kF64:
      return At<double>(tensor.bytes, index);
    case DType::kF16:
      return FromHalf(At<uint16_t>(tensor.bytes, index));
    case DType::kBf16: {
      const uint32_t bits = uint32_t{At<uint16_t>(tensor.bytes, index)} << 16;
      float value;
      std::memcpy(&value, &bits, sizeof(value));
      return value;
    }
    default:
      return NAN;
  }
}

// The largest difference from the code of models' guide layers; NaN if there is one.
double Difference(const StoredTensor& stored) {
  const int64_t length = stored.shape[1];
  const int64_t channels = stored.shape[2];
  double worst = 0;
  for (int64_t channel = 0; channel < channels; ++channel) {
    const auto even = static_cast<double>(channel - channel % 2);
    const auto frequency = static_cast<float>(std::exp(-even * std::log(10000.0) / channels));
    for (int64_t position = 0; position < length; ++position) {
      const float angle = static_cast<float>(position) * frequency;
      const float code = channel % 2 == 0 ? std::sin(angle) : std::cos(angle);
      const double off = std::abs(Element(stored, position * channels + channel) - code);
      if (!(off <= worst)) {  // also for NaN
        worst = off;
      }
      if (std::isnan(worst)) {
        return worst;
      }
    }
  }
  return worst;
}

}  // namespace

absl::Status CheckPositions(const Checkpoint& checkpoint, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    LINGULA_ASSIGN_OR_RETURN(const StoredTensor stored, checkpoint.Load(key));
    if (stored.shape.size() != 3 || stored.shape[0] != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("position code \"", Quoted(key), "\" has the shape [",
                       absl::StrJoin(stored.shape, ", "), "] instead of [1, positions, channels]"));
    }
    const double off = Difference(stored);
    if (!(off <= kTolerance)) {
      return absl::InvalidArgumentError(
          absl::StrCat("position code \"", Quoted(key), "\" differs by ", off,
                       " from the sines and cosines that the network computes"));
    }
  }
  return absl::OkStatus();
}

}  // namespace lingula
