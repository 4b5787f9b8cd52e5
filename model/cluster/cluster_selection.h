// Which clusters of a condensed tree become the answer of HDBSCAN*.
#pragma once

#include <vector>

#include "model/cluster/condensed_tree.h"
#include "model/cluster/hdbscan.h"

namespace lingula {

// One flag a cluster. Chosen clusters may be nested where cluster_selection_epsilon lifts one above
// another; the innermost chosen one owns a point.
std::vector<bool> SelectClusters(const std::vector<CondensedCluster>& clusters,
                                 const HdbscanOptions& options);

}  // namespace lingula
