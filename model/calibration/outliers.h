// How unlike the training data a picture is: Mahalanobis distance of the encoder's pooled features
// (Lee et al. 2018, "A simple unified framework for detecting out-of-distribution samples").
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace lingula {

// Where features of like pictures lie. D features.
struct FeatureCloud {
  std::vector<float> mean, scale;  // [D]; scale > 0
  std::vector<float> whitening;    // [D, D], lower triangular: L^-1 of the shrunk correlation L L^T

  // Root of the mean square of the whitened features: about 1 for pictures like those fitted on.
  // Infinity when a feature is not finite. `features` has D values. Costs D * D / 2
  // multiplications.
  double Distance(absl::Span<const float> features) const;
};

// From one row of features an image. The correlation is shrunk to the unit matrix, the more the
// fewer images there are for each feature: images / features = 10 gives 1 %.
// Errors   INVALID_ARGUMENT fewer than 2 rows, rows of unequal length, a value that is not finite.
absl::StatusOr<FeatureCloud> FitCloud(absl::Span<const absl::Span<const float>> rows);

}  // namespace lingula
