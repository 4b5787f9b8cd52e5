// K-means by Lloyd's iteration, step for step as scikit-learn 1.5 takes it.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/cluster/rows.h"

namespace lingula {

struct KMeansOptions {
  int max_iterations = 300;
  // Ends once the centres' squared moves add up to at most this share of the mean variance of a
  // coordinate.
  double tolerance = 1e-4;
};

struct KMeansResult {
  std::vector<int32_t> labels;  // a point's nearest centre; the lower number among equals
  std::vector<double> centres;  // [clusters, width]
  int iterations = 0;
  double inertia = 0;  // sum of the points' squared distances to their centres
};

// Starts from the centres `start` [clusters, width]. A cluster that loses all its points moves to
// the point farthest from its centre, which leaves its old cluster; where all points lie on centres
// already (more clusters than different points) it copies the largest cluster's centre and owns
// nothing. Arithmetic is in double whatever T is; the same input gives the same bits.
// Errors   INVALID_ARGUMENT: no centre, fewer points than centres, widths that differ, a value that
//          is not finite.
template <typename T>
absl::StatusOr<KMeansResult> KMeans(const Rows<T>& points, const Rows<T>& start,
                                    const KMeansOptions& options = {});

// Greedy k-means++ (Arthur and Vassilvitskii 2007; scikit-learn's variant that draws 2 +
// ln(clusters) candidates and keeps the best): `clusters` points [clusters, width] to start from.
// `seed` decides everything; the generator is our own, so scikit-learn's draws are not repeated.
// Errors   INVALID_ARGUMENT: clusters < 1 or more than there are points, a value that is not
// finite.
template <typename T>
absl::StatusOr<std::vector<T>> SeedCentres(const Rows<T>& points, int clusters, uint64_t seed);

}  // namespace lingula
