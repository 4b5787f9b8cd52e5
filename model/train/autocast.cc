#include "model/train/autocast.h"

#include <ATen/autocast_mode.h>

namespace lingula {

Autocast::Autocast(bool enabled, torch::Device device) : enabled_(enabled), device_(device.type()) {
  if (enabled_) {
    at::autocast::set_autocast_dtype(device_, at::kBFloat16);
    at::autocast::set_autocast_enabled(device_, true);
    at::autocast::increment_nesting();
  }
}

Autocast::~Autocast() {
  if (enabled_) {
    if (at::autocast::decrement_nesting() == 0) {
      at::autocast::clear_cache();
    }
    at::autocast::set_autocast_enabled(device_, false);
  }
}

}  // namespace lingula
