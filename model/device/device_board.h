// What the engines on devices tell those who run the server: figures for metrics, and bad news.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "model/base/mutex.h"
#include "model/device/device_result.h"

namespace lingula {

struct DeviceFigures {
  std::string device;  // "cuda:0"
  DeviceMemory memory;
  int out_of_memory = 0;  // runs that did not fit, and were cut up
  bool is_lost = false;   // answers no more
};

// Threads  Thread-safe. Outlives the engines that report to it.
class DeviceBoard {
 public:
  // `memory` is asked for each look at the figures, by any thread.
  void Add(const std::string& device, std::function<DeviceMemory()> memory)
      ABSL_LOCKS_EXCLUDED(mu_);
  void CountOutOfMemory(const std::string& device) ABSL_LOCKS_EXCLUDED(mu_);
  // A device answers no more. Heard once: what else fails follows from it.
  void ReportLost(const std::string& device, const std::string& what) ABSL_LOCKS_EXCLUDED(mu_);
  // `listener` hears of the first loss, on the thread that met it or, when it is past, on this one;
  // it must not wait. One listener.
  void OnLost(std::function<void(const absl::Status&)> listener) ABSL_LOCKS_EXCLUDED(mu_);

  // OK until a device is lost.
  absl::Status health() const ABSL_LOCKS_EXCLUDED(mu_);
  // By device.
  std::vector<DeviceFigures> figures() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Entry {
    std::function<DeviceMemory()> memory;
    int out_of_memory = 0;
    bool is_lost = false;
  };

  mutable Mutex mu_;
  std::map<std::string, Entry> devices_ ABSL_GUARDED_BY(mu_);
  absl::Status health_ ABSL_GUARDED_BY(mu_);
  std::function<void(const absl::Status&)> listener_ ABSL_GUARDED_BY(mu_);
};

}  // namespace lingula
