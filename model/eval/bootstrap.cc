#include "model/eval/bootstrap.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <random>
#include <string>

namespace lingula {
namespace {

// Counts of each cluster, in the order in which they first appear.
std::vector<OverlapCounts> Clusters(const std::vector<ImageScore>& images) {
  std::vector<OverlapCounts> clusters;
  std::map<std::string, size_t> place_of;
  for (const ImageScore& image : images) {
    const auto [known, fresh] = image.group.empty()
                                    ? std::make_pair(place_of.end(), true)
                                    : place_of.emplace(image.group, clusters.size());
    if (fresh) {
      clusters.push_back(image.counts);
    } else {
      clusters[known->second] += image.counts;
    }
  }
  return clusters;
}

}  // namespace

DiceInterval BootstrapDice(const std::vector<ImageScore>& images, int resamples, uint64_t seed) {
  const std::vector<OverlapCounts> clusters = Clusters(images);
  std::mt19937_64 random(seed);
  std::vector<double> draws(resamples);
  for (double& draw : draws) {
    OverlapCounts pooled;
    for (size_t i = 0; i < clusters.size(); ++i) {
      pooled += clusters[random() % clusters.size()];
    }
    draw = pooled.Dice();
  }
  std::sort(draws.begin(), draws.end());
  const auto at = [&](double share) {
    return draws[static_cast<size_t>(share * static_cast<double>(draws.size() - 1))];
  };
  return {at(0.025), at(0.975), static_cast<int64_t>(clusters.size())};
}

}  // namespace lingula
