// A liblingula-cuda.so with two made-up GPUs; SIGUSR1 makes them lost.
#include <signal.h>

#include <atomic>

#include "tests/support/fake_device_module.h"

namespace lingula::test {
namespace {

std::atomic<bool> lost = false;

class FailingStream final : public DeviceStream {
 public:
  explicit FailingStream(FakeGpu& gpu) : stream_(gpu) {}

  DeviceResult Run(const DeviceWork& work) override {
    return lost ? DeviceResult{DeviceFault::kLost, "SIGUSR1"} : stream_.Run(work);
  }
  DeviceResult Capture(int number, const DeviceWork& work) override {
    return stream_.Capture(number, work);
  }
  DeviceResult Replay(int number) override { return stream_.Replay(number); }
  void Drop(int number) override { stream_.Drop(number); }

 private:
  FakeStream stream_;
};

class TwoGpus final : public DeviceModule {
 public:
  int Count(std::string& /*why*/) const override { return 2; }
  bool IsMadeUp() const override { return true; }
  bool HasBfloat16(int /*device*/) const override { return false; }
  DeviceMemory Memory(int /*device*/) const override { return {1000, 600, 300}; }
  std::unique_ptr<DeviceStream> Open(int /*device*/, std::string& /*why*/) const override {
    return std::make_unique<FailingStream>(gpu_);
  }

 private:
  mutable FakeGpu gpu_;
};

}  // namespace
}  // namespace lingula::test

extern "C" const lingula::DeviceModule* LingulaDeviceModule(int version) {
  signal(SIGUSR1, [](int) { lingula::test::lost = true; });
  static const lingula::test::TwoGpus* const module = new lingula::test::TwoGpus();
  return version == lingula::kDeviceModuleVersion ? module : nullptr;
}
