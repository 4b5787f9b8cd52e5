// The way into Torch for engines, so the only place where its exceptions end once a network is
// built.
#pragma once

#include <torch/torch.h>

#include "absl/status/status.h"
#include "model/device/device_result.h"

namespace lingula {

// What the exception being handled means: only from within a `catch`. Memory that is not there is
// kOutOfMemory.
DeviceResult CaughtFromTorch();

// What callers of an engine on this machine's processors are told of a run that failed. Memory that
// is not there is this server's trouble, not the picture's: UNAVAILABLE, so that they send again,
// to another server.
absl::Status StatusOf(const DeviceResult& result);

// Runs `work`, which returns a DeviceResult, without gradients.
template <typename Work>
DeviceResult WithTorch(const Work& work) {
  try {
    torch::InferenceMode inference;
    return work();
  } catch (...) {
    return CaughtFromTorch();
  }
}

}  // namespace lingula
