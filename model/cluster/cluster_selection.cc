#include "model/cluster/cluster_selection.h"

#include <cstdint>

namespace lingula {
namespace {

using Clusters = std::vector<CondensedCluster>;

// The cluster and everything below it.
std::vector<int32_t> Subtree(const Clusters& clusters, int32_t from) {
  std::vector<int32_t> nodes = {from};
  for (size_t i = 0; i < nodes.size(); ++i) {
    const std::vector<int32_t>& children = clusters[nodes[i]].children;
    nodes.insert(nodes.end(), children.begin(), children.end());
  }
  return nodes;
}

std::vector<bool> ExcessOfMass(const Clusters& clusters, const HdbscanOptions& options) {
  const int32_t first = options.allow_single_cluster ? 0 : 1;
  std::vector<bool> chosen(clusters.size(), false);
  std::vector<double> stability;
  for (const CondensedCluster& cluster : clusters) {
    stability.push_back(cluster.stability);
  }
  for (auto node = static_cast<int32_t>(clusters.size()) - 1; node >= first; --node) {
    double below = 0;
    for (const int32_t child : clusters[node].children) {
      below += stability[child];
    }
    const bool too_large =
        options.max_cluster_size > 0 && clusters[node].size > options.max_cluster_size;
    if (below > stability[node] || too_large) {
      stability[node] = below;
      continue;
    }
    for (const int32_t inner : Subtree(clusters, node)) {
      chosen[inner] = false;
    }
    chosen[node] = true;
  }
  return chosen;
}

std::vector<bool> Leaves(const Clusters& clusters) {
  std::vector<bool> chosen(clusters.size(), false);
  for (size_t node = 1; node < clusters.size(); ++node) {
    chosen[node] = clusters[node].children.empty();
  }
  return chosen;
}

// The nearest ancestor that was born at a distance beyond epsilon; below the root unless the root
// may be chosen.
int32_t Lift(const Clusters& clusters, int32_t node, const HdbscanOptions& options) {
  while (true) {
    const int32_t parent = clusters[node].parent;
    if (parent == 0) {
      return options.allow_single_cluster ? parent : node;
    }
    if (1 / clusters[parent].birth > options.cluster_selection_epsilon) {
      return parent;
    }
    node = parent;
  }
}

std::vector<bool> LiftAll(const Clusters& clusters, const std::vector<bool>& chosen,
                          const HdbscanOptions& options) {
  std::vector<bool> lifted(clusters.size(), false), done(clusters.size(), false);
  for (size_t node = 1; node < clusters.size(); ++node) {
    if (!chosen[node]) {
      continue;
    }
    if (1 / clusters[node].birth >= options.cluster_selection_epsilon) {
      lifted[node] = true;
    } else if (!done[node]) {
      const int32_t ancestor = Lift(clusters, static_cast<int32_t>(node), options);
      lifted[ancestor] = true;
      for (const int32_t inner : Subtree(clusters, ancestor)) {
        done[inner] = done[inner] || inner != ancestor;
      }
    }
  }
  return lifted;
}

}  // namespace

std::vector<bool> SelectClusters(const Clusters& clusters, const HdbscanOptions& options) {
  const std::vector<bool> chosen = options.selection == ClusterSelection::kLeaf
                                       ? Leaves(clusters)
                                       : ExcessOfMass(clusters, options);
  const bool only_root = !chosen.empty() && chosen[0];  // then nothing else is
  if (options.cluster_selection_epsilon == 0 || only_root) {
    return chosen;
  }
  return LiftAll(clusters, chosen, options);
}

}  // namespace lingula
