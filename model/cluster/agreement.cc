#include "model/cluster/agreement.h"

#include <cstddef>
#include <map>
#include <utility>

namespace lingula {
namespace {

// Sum over the groups of the pairs within a group.
template <typename Key>
double PairsWithin(const std::map<Key, int64_t>& groups) {
  double pairs = 0;
  for (const auto& [label, size] : groups) {
    pairs += 0.5 * static_cast<double>(size) * static_cast<double>(size - 1);
  }
  return pairs;
}

}  // namespace

double AdjustedRandIndex(absl::Span<const int32_t> a, absl::Span<const int32_t> b) {
  std::map<int32_t, int64_t> of_a, of_b;
  std::map<std::pair<int32_t, int32_t>, int64_t> of_both;
  for (size_t i = 0; i < a.size(); ++i) {
    ++of_a[a[i]];
    ++of_b[b[i]];
    ++of_both[{a[i], b[i]}];
  }
  const auto n = static_cast<double>(a.size());
  const double in_a = PairsWithin(of_a), in_b = PairsWithin(of_b), in_both = PairsWithin(of_both);
  const double all = 0.5 * n * (n - 1);
  const double by_chance = all == 0 ? 0 : in_a * in_b / all;
  const double most = 0.5 * (in_a + in_b);
  // Both put everything in one group, or everything alone.
  return most == by_chance ? 1 : (in_both - by_chance) / (most - by_chance);
}

}  // namespace lingula
