// The cluster tree that is left when groups too small to be clusters are read as points that fall
// out of their parent (Campello, Moulavi and Sander 2013; HDBSCAN*).
#pragma once

#include <cstdint>
#include <vector>

#include "model/cluster/single_linkage.h"

namespace lingula {

// A point or a cluster leaves its parent.
struct CondensedEdge {
  int32_t parent = 0;
  int32_t child = 0;  // a point (< number of points) or a cluster
  double lambda = 0;  // 1 / distance at which it leaves; infinite for distance 0
  int32_t size = 1;   // points of the child
};

// Clusters are numbered from the number of points on: the root first, parents before children. All
// points appear once as child. Empty without merges. Clusters have at least min_cluster_size >= 2
// points, the root excepted.
std::vector<CondensedEdge> Condense(const std::vector<Merge>& merges, int min_cluster_size);

// A cluster of the condensed tree.
struct CondensedCluster {
  int32_t parent = -1;            // index of the parent; -1 for the root
  double birth = 0;               // lambda at which it left its parent; 0 for the root
  double death = 0;               // largest lambda at which something left it
  double stability = 0;           // sum over what left it of size * (lambda - birth)
  int32_t size = 0;               // points; for the root those of its child clusters
  std::vector<int32_t> children;  // indices
};

// Cluster number `points + i` of the tree at index i. Empty for an empty tree.
std::vector<CondensedCluster> ClustersOf(const std::vector<CondensedEdge>& tree, int32_t points);

}  // namespace lingula
