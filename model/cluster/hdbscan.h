// HDBSCAN* (Campello, Moulavi and Sander 2013), as scikit-learn 1.5 computes it with
// algorithm="brute".
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/cluster/rows.h"

namespace lingula {

enum class ClusterSelection {
  kExcessOfMass,  // the clusters that together are most stable
  kLeaf,          // the leaves of the tree
};

// Names and meanings are scikit-learn's.
struct HdbscanOptions {
  int min_cluster_size = 5;  // >= 2
  int min_samples = 0;       // the point itself counts; 0: as min_cluster_size
  // Clusters born at a smaller distance than this join the ancestor that was not.
  double cluster_selection_epsilon = 0;
  int max_cluster_size = 0;  // excess of mass takes no larger one; 0: no limit
  double alpha = 1;          // distances are divided by it
  ClusterSelection selection = ClusterSelection::kExcessOfMass;
  bool allow_single_cluster = false;  // the root may be chosen
};

struct HdbscanResult {
  std::vector<int32_t> labels;        // from 0; -1: noise
  std::vector<double> probabilities;  // strength of membership, 0..1; 0 for noise
};

// Where distances are equal, the labels depend on the order of the points, ours as scikit-learn's,
// and need not be its labels: it even sorts differently on different processors. Takes O(n^2 width)
// time and O(n) memory. Errors   INVALID_ARGUMENT: an option out of range, fewer points than
// min_samples, a value that is
//          not finite.
template <typename T>
absl::StatusOr<HdbscanResult> Hdbscan(const Rows<T>& points, const HdbscanOptions& options);

}  // namespace lingula
