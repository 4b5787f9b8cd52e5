#include "model/calibration/isotonic.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace lingula {
namespace {

// Neighbouring groups that share a value.
struct Block {
  std::vector<double> values;
  size_t groups = 1;
  double median = 0;
};

// The lower one of two in the middle: pooling is exact for any rule that always takes the same end.
double MedianOf(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

std::vector<double> IsotonicMedians(const std::vector<std::vector<double>>& groups) {
  std::vector<Block> blocks;
  for (const std::vector<double>& group : groups) {
    Block block{group, 1, MedianOf(group)};
    while (!blocks.empty() && blocks.back().median >= block.median) {
      Block& before = blocks.back();
      block.values.insert(block.values.end(), before.values.begin(), before.values.end());
      block.groups += before.groups;
      block.median = MedianOf(block.values);
      blocks.pop_back();
    }
    blocks.push_back(std::move(block));
  }
  std::vector<double> fitted;
  for (const Block& block : blocks) {
    fitted.insert(fitted.end(), block.groups, block.median);
  }
  return fitted;
}

}  // namespace lingula
