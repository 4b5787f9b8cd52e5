#include "model/cluster/silhouette.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "model/cluster/distances.h"

namespace lingula {
namespace {

// Points that take part.
std::vector<int32_t> Taken(absl::Span<const int32_t> labels, size_t most) {
  std::vector<int32_t> labelled;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= 0) {
      labelled.push_back(static_cast<int32_t>(i));
    }
  }
  const size_t every = most == 0 ? 1 : (labelled.size() + most - 1) / most;
  std::vector<int32_t> taken;
  for (size_t i = 0; i < labelled.size(); i += std::max<size_t>(1, every)) {
    taken.push_back(labelled[i]);
  }
  return taken;
}

// Of one point, from the summed distances to each cluster and the clusters' sizes.
double Silhouette(const std::vector<double>& sums, const std::vector<int64_t>& sizes, int32_t own) {
  if (sizes[own] == 1) {
    return 0;
  }
  const double a = sums[own] / static_cast<double>(sizes[own] - 1);
  double b = HUGE_VAL;
  for (size_t c = 0; c < sums.size(); ++c) {
    if (static_cast<int32_t>(c) != own && sizes[c] > 0) {
      b = std::min(b, sums[c] / static_cast<double>(sizes[c]));
    }
  }
  const double larger = std::max(a, b);
  return larger == 0 ? 0 : (b - a) / larger;
}

}  // namespace

double MeanSilhouette(const Rows<float>& points, absl::Span<const int32_t> labels, size_t most) {
  const std::vector<int32_t> taken = Taken(labels, most);
  int32_t last = -1;
  for (const int32_t i : taken) {
    last = std::max(last, labels[i]);
  }
  std::vector<int64_t> sizes(last + 1, 0);
  for (const int32_t i : taken) {
    ++sizes[labels[i]];
  }
  if (std::count_if(sizes.begin(), sizes.end(), [](int64_t size) { return size > 0; }) < 2) {
    return std::nan("");
  }
  double total = 0;
  std::vector<double> distances(taken.size());
  for (const int32_t i : taken) {
    SquaredDistances(points, taken, points[i], distances.data());
    std::vector<double> sums(sizes.size(), 0);
    for (size_t k = 0; k < taken.size(); ++k) {
      sums[labels[taken[k]]] += std::sqrt(distances[k]);
    }
    total += Silhouette(sums, sizes, labels[i]);
  }
  return total / static_cast<double>(taken.size());
}

}  // namespace lingula
