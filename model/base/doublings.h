// Steps by which something grows.
#pragma once

#include <vector>

namespace lingula {

// 1, 2, 4, ... below `most`, then `most` itself. `most` >= 1.
inline std::vector<int> Doublings(int most) {
  std::vector<int> steps;
  for (int step = 1; step < most; step *= 2) {
    steps.push_back(step);
  }
  steps.push_back(most);
  return steps;
}

}  // namespace lingula
