// What Torch's dispatcher does not give without linking CUDA: a stream of its own for each
// instance, graphs, what an error means. Implemented by liblingula-cuda.so
// (model/device/cuda/cuda_module.cc), which programs open at run time.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "model/device/device_result.h"

namespace lingula {

// Work for a device: issues it to the current stream and does not wait. Must not throw.
using DeviceWork = std::function<DeviceResult()>;

// The stream of an instance, and its graphs by number.
// Threads  One at a time. No function throws.
class DeviceStream {
 public:
  virtual ~DeviceStream() = default;

  // Lets `work` issue to this stream and waits until the device has done it. When it fails, the
  // device is asked whether it still answers: kLost where it does not.
  virtual DeviceResult Run(const DeviceWork& work) = 0;
  // Records what `work` issues as graph `number`, without running it; the memory that it takes and
  // the tensors it touches stay the graph's. Whatever `work` made lazily must have been made
  // before.
  virtual DeviceResult Capture(int number, const DeviceWork& work) = 0;
  // Inside Run only: issues a captured graph.
  virtual DeviceResult Replay(int number) = 0;
  // Frees a graph and gives unused memory back to the device.
  virtual void Drop(int number) = 0;
};

// The GPUs of a machine.
// Threads  Thread-safe. No function throws.
class DeviceModule {
 public:
  virtual ~DeviceModule() = default;

  // GPUs that can be used; 0 with `why` filled when there is none.
  virtual int Count(std::string& why) const = 0;
  // True: the devices are made up, and their work runs on the processor.
  virtual bool IsMadeUp() const { return false; }
  // False: bfloat16 is emulated there.
  virtual bool HasBfloat16(int device) const = 0;
  virtual DeviceMemory Memory(int device) const = 0;
  // Null with `why` filled when it cannot be made.
  virtual std::unique_ptr<DeviceStream> Open(int device, std::string& why) const = 0;
};

// The one function of the library: null when it was built for another version of this header.
// What it points to lives for ever.
inline constexpr int kDeviceModuleVersion = 1;
inline constexpr char kGetDeviceModule[] = "LingulaDeviceModule";
using GetDeviceModule = const DeviceModule* (*)(int version);

}  // namespace lingula
