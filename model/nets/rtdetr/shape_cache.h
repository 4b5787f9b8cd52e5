// What depends on the shapes of the maps alone is computed once, not in each forward.
#pragma once

#include <utility>
#include <vector>

#include <torch/torch.h>

#include "model/base/mutex.h"

namespace lingula {

// Height and width of each map of a pyramid.
using MapShapes = std::vector<std::pair<int64_t, int64_t>>;

// Remembers the Value (tensors: copies share them) of the last shapes asked for, on the device
// asked for. Any thread.
template <typename Value>
class ShapeCache {
 public:
  template <typename Make>
  Value Get(const MapShapes& shapes, torch::Device device, const Make& make)
      ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    if (shapes != shapes_ || device != device_) {
      // Tensors made in inference mode could not be used in a later training step.
      const c10::InferenceMode plain(false);
      const torch::NoGradGuard no_grad;
      value_ = make(shapes);
      shapes_ = shapes;
      device_ = device;
    }
    return value_;
  }

 private:
  Mutex mu_;
  MapShapes shapes_ ABSL_GUARDED_BY(mu_);
  torch::Device device_ ABSL_GUARDED_BY(mu_) = torch::kCPU;
  Value value_ ABSL_GUARDED_BY(mu_);
};

}  // namespace lingula
