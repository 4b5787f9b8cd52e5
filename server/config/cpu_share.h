// Who of the cores does what.
#pragma once

#include "server/config/server_config.h"

namespace lingula {

// Forward passes of one model that run side by side, and threads of each.
struct CpuShare {
  int instances = 1, threads = 1;  // both >= 1
};

// What the configuration says, and where it leaves that open: all `cores` (>= 1), shared among up
// to kMostInstances instances. Passes of few threads each use cores better than one pass of
// many, which waits for its slowest thread after every layer (docs/adr/0013); beyond so many they
// would rather cost memory and slow down a lone picture.
inline constexpr int kMostInstances = 8;
CpuShare ShareCpu(const ServerConfig& config, int cores);

}  // namespace lingula
