// liblingula-cuda.so: model/device/device_stream.h for NVIDIA GPUs. Its symbols of CUDA are left
// open when it is linked: they come from libtorch_cuda.so, which the program has opened before.
#include <map>
#include <memory>
#include <string>

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>

#include "model/device/device_stream.h"

namespace lingula {
namespace {

namespace allocator = c10::cuda::CUDACachingAllocator;

// The door at which Torch's and CUDA's exceptions become results.
template <typename Function>
DeviceResult Guarded(const Function& function) {
  try {
    return function();
  } catch (const c10::OutOfMemoryError& error) {
    return {DeviceFault::kOutOfMemory, error.what_without_backtrace()};
  } catch (const c10::AcceleratorError& error) {
    const bool memory = error.get_error_code() == cudaErrorMemoryAllocation;
    return {memory ? DeviceFault::kOutOfMemory : DeviceFault::kFailed,
            error.what_without_backtrace()};
  } catch (const c10::Error& error) {
    return {DeviceFault::kFailed, error.what_without_backtrace()};
  } catch (const std::exception& error) {
    return {DeviceFault::kFailed, error.what()};
  }
}

class CudaStream final : public DeviceStream {
 public:
  explicit CudaStream(int device)
      : stream_(c10::cuda::getStreamFromPool(/*isHighPriority=*/false,
                                             static_cast<c10::DeviceIndex>(device))),
        pool_(at::cuda::graph_pool_handle()) {
    const c10::cuda::CUDAGuard guard(stream_.device_index());
    // The waiting thread sleeps: its core decodes pictures meanwhile.
    C10_CUDA_CHECK(
        cudaEventCreateWithFlags(&done_, cudaEventBlockingSync | cudaEventDisableTiming));
  }
  ~CudaStream() override { C10_CUDA_IGNORE_ERROR(cudaEventDestroy(done_)); }
  CudaStream(const CudaStream&) = delete;
  CudaStream& operator=(const CudaStream&) = delete;

  DeviceResult Run(const DeviceWork& work) override {
    return Judge(Guarded([&] {
      const c10::cuda::CUDAStreamGuard guard(stream_);
      DeviceResult result = work();
      if (result.ok()) {
        C10_CUDA_CHECK(cudaEventRecord(done_, stream_.stream()));
        C10_CUDA_CHECK(cudaEventSynchronize(done_));
      }
      return result;
    }));
  }

  DeviceResult Capture(int number, const DeviceWork& work) override {
    return Judge(Guarded([&] {
      const c10::cuda::CUDAStreamGuard guard(stream_);
      graphs_.erase(number);
      allocator::emptyCache();  // what the runs before left would lie idle beside the graph's
      auto graph = std::make_unique<at::cuda::CUDAGraph>();
      // Of this thread only: other instances serve meanwhile. One pool for all graphs of a stream:
      // they never run at the same time, and their answers are copied out before the next one does.
      graph->capture_begin(pool_, cudaStreamCaptureModeThreadLocal);
      DeviceResult result = work();
      try {
        graph->capture_end();
      } catch (const std::exception&) {
        if (result.ok()) {
          throw;  // else what `work` said is why it failed
        }
      }
      if (result.ok()) {
        graphs_[number] = std::move(graph);
      }
      return result;
    }));
  }

  DeviceResult Replay(int number) override {
    return Guarded([&] {
      graphs_.at(number)->replay();
      return DeviceResult();
    });
  }

  void Drop(int number) override {
    static_cast<void>(Guarded([&] {
      const c10::cuda::CUDAStreamGuard guard(stream_);
      graphs_.erase(number);
      allocator::emptyCache();
      return DeviceResult();
    }));
  }

 private:
  // Some errors spoil the context of a process for good, and then every later call reports them
  // too. So the device is asked again; no list of errors would be complete.
  DeviceResult Judge(DeviceResult result) const {
    if (result.ok()) {
      return result;
    }
    static_cast<void>(cudaStreamSynchronize(stream_.stream()));
    static_cast<void>(cudaGetLastError());  // forgets errors that pass
    const cudaError_t now = cudaStreamSynchronize(stream_.stream());
    if (now != cudaSuccess) {
      return {DeviceFault::kLost, std::string(cudaGetErrorString(now)) + ", first: " + result.what};
    }
    return result;
  }

  const c10::cuda::CUDAStream stream_;
  const c10::MempoolId_t pool_;
  cudaEvent_t done_ = nullptr;
  std::map<int, std::unique_ptr<at::cuda::CUDAGraph>> graphs_;
};

class CudaModule final : public DeviceModule {
 public:
  int Count(std::string& why) const override {
    int count = 0;
    const cudaError_t error = cudaGetDeviceCount(&count);
    if (error != cudaSuccess) {
      why = cudaGetErrorString(error);
      return 0;
    }
    if (count == 0) {
      why = "the driver lists none";
    }
    return count;
  }

  bool HasBfloat16(int device) const override {
    constexpr int kAmpere = 8;
    int major = 0;
    return cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device) ==
               cudaSuccess &&
           major >= kAmpere;
  }

  DeviceMemory Memory(int device) const override {
    DeviceMemory memory;
    static_cast<void>(Guarded([&] {
      const auto index = static_cast<c10::DeviceIndex>(device);
      const c10::cuda::CUDAGuard guard(index);
      size_t free = 0, total = 0;
      C10_CUDA_CHECK(cudaMemGetInfo(&free, &total));
      const auto all = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
      memory.reserved = allocator::getDeviceStats(index).reserved_bytes[all].current;
      memory.free = free;
      memory.total = total;
      return DeviceResult();
    }));
    return memory;
  }

  std::unique_ptr<DeviceStream> Open(int device, std::string& why) const override {
    std::unique_ptr<DeviceStream> stream;
    const DeviceResult result = Guarded([&] {
      stream = std::make_unique<CudaStream>(device);
      return DeviceResult();
    });
    why = result.what;
    return stream;
  }
};

}  // namespace
}  // namespace lingula

extern "C" const lingula::DeviceModule* LingulaDeviceModule(int version) {
  static const lingula::CudaModule* const module = new lingula::CudaModule();  // for ever
  return version == lingula::kDeviceModuleVersion ? module : nullptr;
}
