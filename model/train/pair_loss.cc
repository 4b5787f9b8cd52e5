#include "model/train/pair_loss.h"

namespace lingula {

torch::Tensor Unit(const torch::Tensor& rows) {
  return torch::nn::functional::normalize(rows, torch::nn::functional::NormalizeFuncOptions());
}

torch::Tensor EvenPairLoss(const torch::Tensor& image, const torch::Tensor& text,
                           const torch::Tensor& keys) {
  namespace F = torch::nn::functional;
  constexpr double kTemperature = 0.1;
  const auto logits = Unit(image).matmul(Unit(text).t()) / kTemperature;
  auto match = (keys.unsqueeze(0) == keys.unsqueeze(1)).all(2).to(logits.options());
  match = match / match.sum(1, true);
  return (F::cross_entropy(logits, match) + F::cross_entropy(logits.t(), match)) / 2;
}

}  // namespace lingula
