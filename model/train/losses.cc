#include "model/train/losses.h"

namespace lingula {

torch::Tensor SoftDiceLoss(const torch::Tensor& logits, const torch::Tensor& y) {
  constexpr double kSmooth = 1e-5;
  const auto p = torch::sigmoid(logits);
  const auto overlap = (p * y).sum({1, 2, 3});
  const auto total = p.sum({1, 2, 3}) + y.sum({1, 2, 3});
  return (1 - (2 * overlap + kSmooth) / (total + kSmooth)).mean();
}

}  // namespace lingula
