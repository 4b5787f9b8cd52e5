#include "model/cluster/condensed_tree.h"

#include <algorithm>
#include <limits>

namespace lingula {
namespace {

class Condenser {
 public:
  Condenser(const std::vector<Merge>& merges, int min_cluster_size)
      : merges_(merges),
        points_(static_cast<int32_t>(merges.size()) + 1),
        min_size_(min_cluster_size),
        next_cluster_(points_ + 1),
        cluster_of_(merges.size()),
        fallen_(merges.size()) {}

  std::vector<CondensedEdge> Run() && {
    const int32_t root = 2 * points_ - 2;
    cluster_of_[root - points_] = points_;
    for (const int32_t node : BreadthFirst(root)) {
      if (node >= points_ && !fallen_[node - points_]) {
        Split(node);
      }
    }
    return std::move(tree_);
  }

 private:
  std::vector<int32_t> BreadthFirst(int32_t from) const {
    std::vector<int32_t> order = {from};
    for (size_t i = 0; i < order.size(); ++i) {
      if (order[i] >= points_) {
        const Merge& merge = merges_[order[i] - points_];
        order.push_back(merge.left);
        order.push_back(merge.right);
      }
    }
    return order;
  }

  int32_t SizeOf(int32_t node) const { return node >= points_ ? merges_[node - points_].size : 1; }

  // Two large halves are new clusters; one large half goes on as the parent.
  void Split(int32_t node) {
    const Merge& merge = merges_[node - points_];
    const int32_t parent = cluster_of_[node - points_];
    const double lambda =
        merge.distance > 0 ? 1 / merge.distance : std::numeric_limits<double>::infinity();
    const bool both = SizeOf(merge.left) >= min_size_ && SizeOf(merge.right) >= min_size_;
    for (const int32_t half : {merge.left, merge.right}) {
      if (SizeOf(half) < min_size_) {
        FallOut(half, parent, lambda);
      } else if (both) {
        tree_.push_back({parent, next_cluster_, lambda, SizeOf(half)});
        cluster_of_[half - points_] = next_cluster_++;
      } else {
        cluster_of_[half - points_] = parent;
      }
    }
  }

  void FallOut(int32_t group, int32_t parent, double lambda) {
    for (const int32_t node : BreadthFirst(group)) {
      if (node < points_) {
        tree_.push_back({parent, node, lambda, 1});
      } else {
        fallen_[node - points_] = true;
      }
    }
  }

  const std::vector<Merge>& merges_;
  const int32_t points_;
  const int32_t min_size_;
  int32_t next_cluster_;
  std::vector<int32_t> cluster_of_;  // of the node that a merge made
  std::vector<bool> fallen_;
  std::vector<CondensedEdge> tree_;
};

}  // namespace

std::vector<CondensedEdge> Condense(const std::vector<Merge>& merges, int min_cluster_size) {
  if (merges.empty()) {
    return {};
  }
  return Condenser(merges, min_cluster_size).Run();
}

std::vector<CondensedCluster> ClustersOf(const std::vector<CondensedEdge>& tree, int32_t points) {
  std::vector<CondensedCluster> clusters;
  if (tree.empty()) {
    return clusters;
  }
  clusters.resize(1);
  // Edges come breadth first, so a cluster's own edge stands before those that leave it.
  for (const CondensedEdge& edge : tree) {
    const int32_t parent = edge.parent - points;
    if (edge.child >= points) {
      const int32_t child = edge.child - points;
      clusters.resize(std::max<size_t>(clusters.size(), child + 1));
      clusters[child].parent = parent;
      clusters[child].birth = edge.lambda;
      clusters[child].size = edge.size;
      clusters[parent].children.push_back(child);
      clusters[0].size += parent == 0 ? edge.size : 0;
    }
    CondensedCluster& from = clusters[parent];
    from.death = std::max(from.death, edge.lambda);
    from.stability += edge.size * (edge.lambda - from.birth);
  }
  return clusters;
}

}  // namespace lingula
