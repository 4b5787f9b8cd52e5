// The GPUs that the configuration names, and how engines use them.
#pragma once

#include "absl/status/statusor.h"
#include "model/backend/load_device_engine.h"
#include "model/device/device_board.h"
#include "model/device/device_stream.h"
#include "server/config/server_config.h"

namespace lingula {

// Copies borrow the same board, which outlives all engines.
struct Gpus {
  const DeviceModule* module = nullptr;  // null: networks run on the processor
  DeviceBoard* board = nullptr;
};

// Opens what the configuration asks for. Call before the first use of Torch.
// Errors   those of OpenCuda.
absl::StatusOr<Gpus> OpenGpus(const ServerConfig& config, DeviceBoard& board);

// Of each network, on all of them.
int GpuInstances(const ServerConfig& config);

// For LoadDeviceEngine.
DeviceEngineOptions GpuEngineOptions(const ServerConfig& config, const Gpus& gpus);

}  // namespace lingula
