// The instances of a network on devices as one engine.
#pragma once

#include <memory>
#include <vector>

#include "model/base/mutex.h"
#include "model/device/device_instance.h"

namespace lingula {

// Each Predict goes to an instance that is idle; one that has lost its device gets no more work
// while others live.
// Threads  Predict may be called by several threads; it waits while all instances are busy.
class DeviceEngine final : public Engine {
 public:
  // `instances`: one or more of the same network, warm.
  explicit DeviceEngine(std::vector<std::unique_ptr<DeviceInstance>> instances);

  int instances() const { return static_cast<int>(instances_.size()); }

  int side_px() const override { return instances_.front()->side_px(); }
  int channels() const override { return instances_.front()->channels(); }
  bool Supports(GuidanceMode mode) const override { return instances_.front()->Supports(mode); }
  bool ReadsFreeText() const override { return instances_.front()->ReadsFreeText(); }
  std::vector<absl::StatusOr<Prediction>> Predict(absl::Span<const Sample* const> samples) override
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  // A living instance, or a lost one when no other is left.
  DeviceInstance& Take() ABSL_LOCKS_EXCLUDED(mu_);
  DeviceInstance* Idle() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::vector<std::unique_ptr<DeviceInstance>> instances_;
  Mutex mu_;
  CondVar changed_;
  std::vector<bool> busy_ ABSL_GUARDED_BY(mu_);
};

}  // namespace lingula
