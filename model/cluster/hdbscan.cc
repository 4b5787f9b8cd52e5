#include "model/cluster/hdbscan.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/cluster/cluster_selection.h"
#include "model/cluster/condensed_tree.h"
#include "model/cluster/single_linkage.h"

namespace lingula {
namespace {

int MinSamples(const HdbscanOptions& options) {
  return options.min_samples == 0 ? options.min_cluster_size : options.min_samples;
}

absl::Status Check(const HdbscanOptions& options, size_t points) {
  if (options.min_cluster_size < 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "HDBSCAN: min_cluster_size is ", options.min_cluster_size, "; at least 2 is allowed"));
  }
  if (options.min_samples < 0 || static_cast<size_t>(MinSamples(options)) > points) {
    return absl::InvalidArgumentError(
        absl::StrCat("HDBSCAN: min_samples is ", MinSamples(options), " with ", points,
                     " points; 1 to the number of points is allowed"));
  }
  if (!(options.cluster_selection_epsilon >= 0) || !(options.alpha > 0) ||
      options.max_cluster_size < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("HDBSCAN: cluster_selection_epsilon ", options.cluster_selection_epsilon,
                     ", alpha ", options.alpha, ", max_cluster_size ", options.max_cluster_size,
                     "; none may be negative, and alpha not 0"));
  }
  return absl::OkStatus();
}

// The chosen clusters' names and who owns what.
class Labels {
 public:
  Labels(const std::vector<CondensedCluster>& clusters, const std::vector<bool>& chosen,
         const HdbscanOptions& options)
      : clusters_(clusters), names_(clusters.size(), -1), owners_(clusters.size(), 0) {
    // Epsilon may lift clusters to the root and leave others: then the root's own points are noise.
    const bool root_named = std::count(chosen.begin(), chosen.end(), true) == 1;
    int32_t next = 0;
    for (size_t c = 0; c < clusters.size(); ++c) {
      owners_[c] = chosen[c] || c == 0 ? static_cast<int32_t>(c) : owners_[clusters[c].parent];
      names_[c] = chosen[c] && (c != 0 || root_named) ? next++ : -1;
    }
    // What only the root owns is in the cluster when it is dense enough.
    least_lambda_ = options.cluster_selection_epsilon > 0
                        ? 1 / options.cluster_selection_epsilon
                        : (clusters.empty() ? 0 : clusters[0].death);
  }

  // Name of the cluster that owns a point which left `cluster` at `lambda`; -1: noise.
  int32_t Name(int32_t cluster, double lambda) const {
    const int32_t owner = owners_[cluster];
    return owner != 0 || lambda >= least_lambda_ ? names_[owner] : -1;
  }

  double Probability(int32_t cluster, double lambda) const {
    const double death = clusters_[owners_[cluster]].death;
    return death == 0 || !std::isfinite(lambda) ? 1 : std::min(lambda, death) / death;
  }

 private:
  const std::vector<CondensedCluster>& clusters_;
  std::vector<int32_t> names_;   // -1: not chosen
  std::vector<int32_t> owners_;  // the innermost chosen cluster around a cluster, else the root
  double least_lambda_ = 0;
};

}  // namespace

template <typename T>
absl::StatusOr<HdbscanResult> Hdbscan(const Rows<T>& points, const HdbscanOptions& options) {
  LINGULA_RETURN_IF_ERROR(Check(options, points.count()));
  if (!points.AllFinite()) {
    return absl::InvalidArgumentError("HDBSCAN: a value is not a finite number");
  }
  const auto n = static_cast<int32_t>(points.count());
  const std::vector<CondensedEdge> tree =
      Condense(SingleLinkage(points, MinSamples(options), options.alpha), options.min_cluster_size);
  const std::vector<CondensedCluster> clusters = ClustersOf(tree, n);
  const Labels labels(clusters, SelectClusters(clusters, options), options);
  HdbscanResult result;
  result.labels.assign(n, -1);
  result.probabilities.assign(n, 0);
  for (const CondensedEdge& edge : tree) {
    if (edge.child >= n) {
      continue;
    }
    const int32_t from = edge.parent - n;
    result.labels[edge.child] = labels.Name(from, edge.lambda);
    if (result.labels[edge.child] >= 0) {
      result.probabilities[edge.child] = labels.Probability(from, edge.lambda);
    }
  }
  return result;
}

template absl::StatusOr<HdbscanResult> Hdbscan(const Rows<float>&, const HdbscanOptions&);
template absl::StatusOr<HdbscanResult> Hdbscan(const Rows<double>&, const HdbscanOptions&);

}  // namespace lingula
