#include "model/nets/sinusoid.h"

#include <cmath>

namespace lingula {

torch::Tensor Sinusoid(int64_t length, int64_t channels) {
  const auto position = torch::arange(length, torch::kFloat32).unsqueeze(1);  // [length, 1]
  const auto frequency =
      torch::exp(torch::arange(0, channels, 2, torch::kFloat32) *
                 (-std::log(10000.0) / static_cast<double>(channels)));  // [channels / 2]
  const auto angle = position * frequency;
  // Interleave sine and cosine.
  return torch::stack({torch::sin(angle), torch::cos(angle)}, 2).reshape({1, length, channels});
}

PositionCodeImpl::PositionCodeImpl(int64_t length, int64_t channels)
    : pe_(register_buffer("pe", Sinusoid(length, channels))) {}

torch::Tensor PositionCodeImpl::forward(const torch::Tensor& x) {
  return x + pe_.narrow(1, 0, x.size(1)).to(x.scalar_type());
}

}  // namespace lingula
