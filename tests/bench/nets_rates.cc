#include "tests/bench/nets_rates.h"

#include <torch/torch.h>

#include "model/nets/fused_conv.h"
#include "tests/bench/stats.h"

namespace lingula::bench {
namespace {

constexpr int kRepeats = 8;

template <typename Product>
void Keep(double& best, int64_t side, const Product& product) {
  product();  // makes the kernel
  const double operations = 2.0 * static_cast<double>(side) * static_cast<double>(side * side);
  for (int i = 0; i < kRepeats; ++i) {
    best = std::max(best, operations / MicrosOf(product) / 1e3);
  }
}

}  // namespace

void MatrixRates::Measure(bool with_bfloat16) {
  const c10::InferenceMode inference;
  for (const int64_t side : {1024, 2048}) {
    const auto a = torch::randn({side, side}), b = torch::randn({side, side});
    Keep(plain, side, [&] { torch::matmul(a, b); });
    const auto packed_by = [&](torch::ScalarType type, double& best) {
      const FusedLinear linear(b, torch::Tensor(), Activation::kNone, type);
      const auto x = a.to(type);
      Keep(best, side, [&] { linear(x); });
    };
    packed_by(torch::kFloat32, packed);
    if (with_bfloat16) {
      packed_by(torch::kBFloat16, bfloat16);
    }
  }
}

}  // namespace lingula::bench
