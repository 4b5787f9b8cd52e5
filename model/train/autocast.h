// Mixed precision for the life of an object.
#pragma once

#include <torch/torch.h>

namespace lingula {

// Convolutions and matrix products on `device` run in bfloat16 while an enabled one lives. One
// thread.
class Autocast {
 public:
  Autocast(bool enabled, torch::Device device);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  const bool enabled_;
  const torch::DeviceType device_;
};

}  // namespace lingula
