#include "model/device/device_engine.h"

#include <algorithm>
#include <utility>

namespace lingula {

DeviceEngine::DeviceEngine(std::vector<std::unique_ptr<DeviceInstance>> instances)
    : instances_(std::move(instances)), busy_(instances_.size()) {}

DeviceInstance* DeviceEngine::Idle() {
  const bool all_lost = std::all_of(instances_.begin(), instances_.end(),
                                    [](const auto& instance) { return instance->lost(); });
  for (size_t i = 0; i < instances_.size(); ++i) {
    if (!busy_[i] && (all_lost || !instances_[i]->lost())) {
      busy_[i] = true;
      return instances_[i].get();
    }
  }
  return nullptr;
}

DeviceInstance& DeviceEngine::Take() {
  MutexLock lock(mu_);
  for (;;) {
    if (DeviceInstance* const instance = Idle()) {
      return *instance;
    }
    changed_.Wait(mu_);
  }
}

std::vector<absl::StatusOr<Prediction>> DeviceEngine::Predict(
    absl::Span<const Sample* const> samples) {
  DeviceInstance& instance = Take();
  auto answers = instance.Predict(samples);
  {
    MutexLock lock(mu_);
    for (size_t i = 0; i < instances_.size(); ++i) {
      if (instances_[i].get() == &instance) {
        busy_[i] = false;
      }
    }
  }
  changed_.NotifyAll();  // losing an instance is news for all who wait
  return answers;
}

}  // namespace lingula
