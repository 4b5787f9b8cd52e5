// Single linkage of points under the mutual reachability distance (Campello, Moulavi and Sander
// 2013, section 3).
#pragma once

#include <cstdint>
#include <vector>

#include "model/cluster/rows.h"

namespace lingula {

// Two groups become one. Nodes below the number of points n are points; node n + i is the group
// that merge i made.
struct Merge {
  int32_t left = 0, right = 0;
  double distance = 0;
  int32_t size = 0;  // points in the new group
};

// The n - 1 merges in ascending distance; the last one makes the root. The distance of two points
// is the largest of: their Euclidean distance and both their distances to their `min_samples`-th
// nearest neighbour, themselves counted; all divided by `alpha`. 1 <= min_samples <= n. Takes
// O(n^2 width) time and O(n) memory.
template <typename T>
std::vector<Merge> SingleLinkage(const Rows<T>& points, int min_samples, double alpha);

}  // namespace lingula
