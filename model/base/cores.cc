#include "model/base/cores.h"

#include <sched.h>

namespace lingula {

std::vector<int> AllowedCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) {
    for (int core = 0; core < CPU_SETSIZE; ++core) {
      if (CPU_ISSET(core, &set)) {
        cores.push_back(core);
      }
    }
  }
  return cores;
}

bool StayOn(absl::Span<const int> cores) {
  if (cores.empty()) {
    return true;
  }
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int core : cores) {
    CPU_SET(core, &set);
  }
  return sched_setaffinity(0, sizeof(set), &set) == 0;  // 0: this thread
}

std::vector<int> CoresOfInstance(absl::Span<const int> allowed, int instance, int threads) {
  std::vector<int> cores;
  for (int i = 0; i < threads && i < static_cast<int>(allowed.size()); ++i) {
    cores.push_back(allowed[(static_cast<size_t>(instance) * threads + i) % allowed.size()]);
  }
  return cores;
}

}  // namespace lingula
