// The GPUs that the configuration names, and engines on them.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "model/backend/load_device_engine.h"
#include "model/bundle/bundle.h"
#include "model/device/device_board.h"
#include "model/device/device_stream.h"
#include "model/engine/engine.h"
#include "server/config/server_config.h"

namespace lingula {

// Copies borrow the same board, which outlives all engines.
struct Gpus {
  const DeviceModule* module = nullptr;  // null: networks run on the processor
  DeviceBoard* board = nullptr;
  bool on_processor = false;  // the GPUs are made up, as in tests
};

// Opens what the configuration asks for. Call before the first use of Torch.
// Errors   those of OpenCuda.
absl::StatusOr<Gpus> OpenGpus(const ServerConfig& config, DeviceBoard& board);

DeviceEngineOptions GpuEngineOptions(const ServerConfig& config, const Gpus& gpus);

// One engine for each instance; they are handles of one DeviceEngine.
// Errors   those of LoadDeviceEngine.
absl::StatusOr<std::vector<std::unique_ptr<Engine>>> LoadOnGpus(const Bundle& bundle,
                                                                const ServerConfig& config,
                                                                const Gpus& gpus);

}  // namespace lingula
