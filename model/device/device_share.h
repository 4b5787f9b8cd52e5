// Which GPUs run a network.
#pragma once

#include <string>

namespace lingula {

// A GPU and how many instances of each network it runs.
struct DeviceShare {
  int index = 0;  // as the driver counts
  int instances = 1;
};

// "cuda:0"
inline std::string CudaName(int index) {
  return "cuda:" + std::to_string(index);
}

}  // namespace lingula
