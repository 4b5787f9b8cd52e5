#include "model/calibration/outliers.h"

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "model/base/clones.h"
#include "model/base/status_macros.h"
#include "model/calibration/cholesky.h"

namespace lingula {
namespace {

using Rows = absl::Span<const absl::Span<const float>>;

constexpr double kShrinkage = 0.1;  // times features / images
constexpr double kMostShrinkage = 0.5;
// A feature that never changes says nothing until it does.
constexpr double kSmallestScale = 1e-4;

absl::Status Check(Rows rows) {
  if (rows.size() < 2 || rows.front().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("features of at least 2 images are needed, got ", rows.size()));
  }
  for (const auto& row : rows) {
    if (row.size() != rows.front().size()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "an image has ", row.size(), " features, the first has ", rows.front().size()));
    }
    for (const float value : row) {
      if (!std::isfinite(value)) {
        return absl::InvalidArgumentError("a feature of the encoder is not finite");
      }
    }
  }
  return absl::OkStatus();
}

// Fills mean and scale.
void Standardise(Rows rows, FeatureCloud& cloud) {
  const size_t features = rows.front().size();
  const auto count = static_cast<double>(rows.size());
  for (size_t i = 0; i < features; ++i) {
    double sum = 0, squares = 0;
    for (const auto& row : rows) {
      sum += row[i];
    }
    const double mean = sum / count;
    for (const auto& row : rows) {
      squares += (row[i] - mean) * (row[i] - mean);
    }
    cloud.mean.push_back(static_cast<float>(mean));
    cloud.scale.push_back(static_cast<float>(std::max(kSmallestScale, std::sqrt(squares / count))));
  }
}

// Lower half of the correlation matrix, shrunk to the unit matrix.
std::vector<double> Correlation(Rows rows, const FeatureCloud& cloud) {
  const size_t features = cloud.mean.size();
  const auto count = static_cast<double>(rows.size());
  std::vector<double> sums(features * features, 0), z(features);
  for (const auto& row : rows) {
    for (size_t i = 0; i < features; ++i) {
      z[i] = (row[i] - cloud.mean[i]) / cloud.scale[i];
      for (size_t j = 0; j <= i; ++j) {
        sums[i * features + j] += z[i] * z[j];
      }
    }
  }
  const double shrinkage =
      std::min(kMostShrinkage, kShrinkage * static_cast<double>(features) / count);
  for (size_t i = 0; i < features; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      sums[i * features + j] *= (1 - shrinkage) / count;
    }
    sums[i * features + i] += shrinkage;
  }
  return sums;
}

// Sums that fill vector registers: one running sum would have to keep the order of its additions.
LINGULA_CLONES float Dot(const float* a, const float* b, size_t count) {
  constexpr size_t kLanes = 16;
  float sums[kLanes] = {};
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      sums[lane] += a[i + lane] * b[i + lane];
    }
  }
  for (; i < count; ++i) {
    sums[0] += a[i] * b[i];
  }
  float sum = 0;
  for (const float lane : sums) {
    sum += lane;
  }
  return sum;
}

}  // namespace

double FeatureCloud::Distance(absl::Span<const float> features) const {
  const size_t count = mean.size();
  std::vector<float> z(count);
  for (size_t i = 0; i < count; ++i) {
    z[i] = (features[i] - mean[i]) / scale[i];
  }
  double squares = 0;
  for (size_t i = 0; i < count; ++i) {
    const float* row = whitening.data() + i * count;
    const float sum = Dot(row, z.data(), i + 1);
    squares += static_cast<double>(sum) * sum;
  }
  const double distance = std::sqrt(squares / static_cast<double>(count));
  return std::isnan(distance) ? std::numeric_limits<double>::infinity() : distance;
}

absl::StatusOr<FeatureCloud> FitCloud(Rows rows) {
  LINGULA_RETURN_IF_ERROR(Check(rows));
  FeatureCloud cloud;
  Standardise(rows, cloud);
  const size_t features = cloud.mean.size();
  LINGULA_ASSIGN_OR_RETURN(const std::vector<double> lower,
                           Cholesky(Correlation(rows, cloud), features));
  const std::vector<double> inverse = InvertLower(lower, features);
  cloud.whitening.assign(inverse.begin(), inverse.end());
  return cloud;
}

}  // namespace lingula
