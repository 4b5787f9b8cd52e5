// How well clusters are set apart (Rousseeuw 1987).
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "model/cluster/rows.h"

namespace lingula {

// Mean over points of (b - a) / max(a, b): a is the mean distance to the other points of the own
// cluster, b that to the points of the nearest other cluster; 0 for a point that is alone. Points
// with label -1 are passed over. Takes O(n^2 width) time; of more than `most` points every k-th is
// taken, k the least that makes them few enough. NaN with fewer than two clusters.
double MeanSilhouette(const Rows<float>& points, absl::Span<const int32_t> labels,
                      size_t most = 2000);

}  // namespace lingula
