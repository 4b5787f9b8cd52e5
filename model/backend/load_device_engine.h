// From a checked bundle to a network that runs on GPUs. This header is free of Torch.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/backend/load_engine.h"
#include "model/bundle/bundle.h"
#include "model/device/device_board.h"
#include "model/device/device_engine.h"
#include "model/device/device_share.h"
#include "model/device/device_stream.h"

namespace lingula {

struct DeviceEngineOptions {
  std::vector<DeviceShare> devices;
  const DeviceModule* module = nullptr;
  DeviceBoard* board = nullptr;  // outlives the engine
  int max_batch_size = 8;
  // kAuto: the manifest's, but float32 for bfloat16 on a GPU that emulates it.
  Precision precision = Precision::kAuto;
  bool graphs = true;
};

// Builds the network on each device, captures its graphs, and runs CheckGolden in every bucket of
// every instance. The engine keeps nothing of `bundle`.
// Errors   those of LoadEngine; RESOURCE_EXHAUSTED: a device's memory does not hold the network and
//          one sample; UNAVAILABLE: a device was lost; FAILED_PRECONDITION: a device without the
//          precision that was asked for by name.
absl::StatusOr<std::unique_ptr<DeviceEngine>> LoadDeviceEngine(const Bundle& bundle,
                                                               const DeviceEngineOptions& options);

// Opens CUDA at run time: the part of LibTorch that this program is not linked with, and
// liblingula-cuda.so beside the program. Call before the first use of Torch. What it returns lives
// for ever.
// Errors   FAILED_PRECONDITION with what is missing and what to do: a library, a driver, a GPU, or
//          one of `devices`.
absl::StatusOr<const DeviceModule*> OpenCuda(const std::vector<DeviceShare>& devices);

// "cuda:0 x 2, cuda:1 x 2, bfloat16, encoder float32": for logs and cards.
std::string DescribeDeviceEngine(const bundle::v1::Manifest& manifest,
                                 const DeviceEngineOptions& options);

}  // namespace lingula
