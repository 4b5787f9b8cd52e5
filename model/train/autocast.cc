#include "model/train/autocast.h"

#include <ATen/autocast_mode.h>

namespace lingula {

Autocast::Autocast(bool enabled) : enabled_(enabled) {
  if (enabled_) {
    at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
    at::autocast::set_autocast_enabled(at::kCPU, true);
    at::autocast::increment_nesting();
  }
}

Autocast::~Autocast() {
  if (enabled_) {
    if (at::autocast::decrement_nesting() == 0) {
      at::autocast::clear_cache();
    }
    at::autocast::set_autocast_enabled(at::kCPU, false);
  }
}

}  // namespace lingula
