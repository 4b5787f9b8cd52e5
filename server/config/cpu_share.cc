#include "server/config/cpu_share.h"

#include <algorithm>

namespace lingula {

CpuShare ShareCpu(const ServerConfig& config, int cores) {
  CpuShare share;
  share.instances = config.instances;
  if (share.instances == 0) {
    share.instances = config.engine_threads > 0 ? std::max(1, cores / config.engine_threads)
                                                : std::min(cores, kMostInstances);
  }
  share.threads =
      config.engine_threads > 0 ? config.engine_threads : std::max(1, cores / share.instances);
  return share;
}

}  // namespace lingula
