// GPUs that are made up: work runs on the processor, at once, and tests say when it fails.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "model/base/mutex.h"
#include "model/device/device_stream.h"

namespace lingula::test {

// What a test decides and sees. Thread-safe.
class FakeGpu {
 public:
  enum class Fault { kNone, kOnce, kLost };

  // Graphs of more samples do not fit, from now on.
  void LimitTo(int samples) ABSL_LOCKS_EXCLUDED(mu_) { Set(most_, samples); }
  // kOnce: the next run fails. kLost: every run from now on.
  void Fail(Fault fault) ABSL_LOCKS_EXCLUDED(mu_) { Set(fault_, fault); }
  // Graphs cannot be captured.
  void RefuseGraphs() ABSL_LOCKS_EXCLUDED(mu_) { Set(captures_, false); }
  // Runs wait from now on, until Release().
  void Hold() ABSL_LOCKS_EXCLUDED(mu_) { Set(held_, true); }
  void Release() ABSL_LOCKS_EXCLUDED(mu_) { Set(held_, false); }
  // Waits until `runs` have begun in all.
  void WaitForRuns(int runs) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (runs_ < runs) {
      changed_.Wait(mu_);
    }
  }
  int runs() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return runs_;
  }
  int replays() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return replays_;
  }

  // For streams:
  DeviceResult Begin() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    ++runs_;
    changed_.NotifyAll();
    while (held_) {
      changed_.Wait(mu_);
    }
    if (fault_ == Fault::kLost) {
      return {DeviceFault::kLost, "fake loss"};
    }
    if (fault_ == Fault::kOnce) {
      fault_ = Fault::kNone;
      return {DeviceFault::kFailed, "fake failure"};
    }
    return {};
  }
  DeviceResult Fit(int samples) const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return samples > most_ ? DeviceResult{DeviceFault::kOutOfMemory, "fake limit"} : DeviceResult{};
  }
  bool captures() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return captures_;
  }
  void CountReplay() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    ++replays_;
  }

 private:
  template <typename T>
  void Set(T& member, T value) {
    {
      MutexLock lock(mu_);
      member = value;
    }
    changed_.NotifyAll();
  }

  mutable Mutex mu_;
  CondVar changed_;
  int most_ ABSL_GUARDED_BY(mu_) = 1000;
  Fault fault_ ABSL_GUARDED_BY(mu_) = Fault::kNone;
  bool captures_ ABSL_GUARDED_BY(mu_) = true;
  bool held_ ABSL_GUARDED_BY(mu_) = false;
  int runs_ ABSL_GUARDED_BY(mu_) = 0;
  int replays_ ABSL_GUARDED_BY(mu_) = 0;
};

// A graph is the work itself, done again at each replay.
class FakeStream final : public DeviceStream {
 public:
  explicit FakeStream(FakeGpu& gpu) : gpu_(gpu) {}

  DeviceResult Run(const DeviceWork& work) override {
    DeviceResult result = gpu_.Begin();
    return result.ok() ? work() : result;
  }
  DeviceResult Capture(int number, const DeviceWork& work) override {
    if (!gpu_.captures()) {
      return {DeviceFault::kFailed, "no graphs here"};
    }
    DeviceResult result = gpu_.Fit(number);
    if (result.ok()) {
      graphs_[number] = work;
    }
    return result;
  }
  DeviceResult Replay(int number) override {
    gpu_.CountReplay();
    DeviceResult result = gpu_.Fit(number);
    return result.ok() ? graphs_.at(number)() : result;
  }
  void Drop(int number) override { graphs_.erase(number); }

 private:
  FakeGpu& gpu_;
  std::map<int, DeviceWork> graphs_;
};

// Any number of the same GPU; `gpu` outlives this and its streams.
class FakeDeviceModule final : public DeviceModule {
 public:
  explicit FakeDeviceModule(FakeGpu& gpu, bool has_bfloat16 = false)
      : gpu_(gpu), has_bfloat16_(has_bfloat16) {}

  int Count(std::string& /*why*/) const override { return 8; }
  bool IsMadeUp() const override { return true; }
  bool HasBfloat16(int /*device*/) const override { return has_bfloat16_; }
  DeviceMemory Memory(int /*device*/) const override { return {1000, 600, 300}; }
  std::unique_ptr<DeviceStream> Open(int /*device*/, std::string& /*why*/) const override {
    return std::make_unique<FakeStream>(gpu_);
  }

 private:
  FakeGpu& gpu_;
  const bool has_bfloat16_;
};

}  // namespace lingula::test
