#include "server/load_gpus.h"

#include "model/base/status_macros.h"

namespace lingula {
absl::StatusOr<Gpus> OpenGpus(const ServerConfig& config, DeviceBoard& board) {
  Gpus gpus;
  gpus.board = &board;
  if (!config.gpus.empty()) {
    LINGULA_ASSIGN_OR_RETURN(gpus.module, OpenCuda(config.gpus));
  }
  return gpus;
}

int GpuInstances(const ServerConfig& config) {
  int instances = 0;
  for (const DeviceShare& share : config.gpus) {
    instances += share.instances;
  }
  return instances;
}

DeviceEngineOptions GpuEngineOptions(const ServerConfig& config, const Gpus& gpus) {
  DeviceEngineOptions options;
  options.devices = config.gpus;
  options.module = gpus.module;
  options.board = gpus.board;
  options.max_batch_size = config.batching.max_batch_size;
  options.precision = config.gpu_precision;
  return options;
}

}  // namespace lingula
