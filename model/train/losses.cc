#include "model/train/losses.h"

namespace lingula {
namespace {

namespace F = torch::nn::functional;

constexpr double kTemperature = 0.1;
constexpr double kSmooth = 1e-5;

torch::Tensor Pooled(const torch::Tensor& tokens) {
  return tokens.dim() == 3 ? tokens.mean(1) : tokens;
}

// Cross-entropy both ways, images to texts and texts to images; target as F::cross_entropy takes
// it.
torch::Tensor BothWays(const torch::Tensor& logits, const torch::Tensor& target) {
  return (F::cross_entropy(logits, target) + F::cross_entropy(logits.t(), target)) / 2;
}

}  // namespace

torch::Tensor PooledDiceLoss(const torch::Tensor& p, const torch::Tensor& y) {
  return 1 - (2 * (p * y).sum() + kSmooth) / (p.sum() + y.sum() + kSmooth);
}

torch::Tensor DiceLoss(const torch::Tensor& p, const torch::Tensor& y) {
  const auto overlap = (p * y).sum({1, 2, 3});
  const auto total = p.sum({1, 2, 3}) + y.sum({1, 2, 3});
  return (1 - (2 * overlap + kSmooth) / (total + kSmooth)).mean();
}

torch::Tensor DiceCeLoss(const torch::Tensor& p, const torch::Tensor& y, MonaiRelease release) {
  const auto dice = DiceLoss(p, y);
  return release == MonaiRelease::k101 ? dice : dice + F::binary_cross_entropy_with_logits(p, y);
}

torch::Tensor ZoneLoss(const torch::Tensor& p, const torch::Tensor& t) {
  return F::binary_cross_entropy(p, t);
}

torch::Tensor WarmUpLoss(const torch::Tensor& image, const torch::Tensor& text) {
  constexpr double kLeastNorms = 1e-8;
  const auto x = Pooled(image), y = Pooled(text);
  const auto norms = x.norm(2, 1).unsqueeze(1) * y.norm(2, 1).unsqueeze(0);
  const auto logits = x.matmul(y.t()) / norms.clamp_min(kLeastNorms) / kTemperature;
  return BothWays(logits, torch::arange(x.size(0), logits.options().dtype(torch::kInt64)));
}

torch::Tensor PairLoss(const torch::Tensor& image, const torch::Tensor& text,
                       const torch::Tensor& zones) {
  const auto logits = image.matmul(text.t()) / kTemperature;
  const auto match = zones.defined() ? (zones.unsqueeze(0) == zones.unsqueeze(1)).all(2)
                                     : torch::eye(image.size(0)).to(torch::kBool);
  return BothWays(logits, match.to(logits.options()));
}

torch::nn::Sequential MatchingHead(int64_t width) {
  return torch::nn::Sequential(torch::nn::Linear(2 * width, width), torch::nn::ReLU(),
                               torch::nn::Linear(width, 2));
}

torch::Tensor MatchingLoss(torch::nn::Sequential& head, const torch::Tensor& image,
                           const torch::Tensor& text, const torch::Tensor& permutation) {
  const auto pairs = torch::cat({image, text}, 1);
  const auto others = torch::cat({image, text.index_select(0, permutation)}, 1);
  const auto logits = head->forward(torch::cat({pairs, others}));
  const auto match = torch::cat({torch::ones_like(permutation), torch::zeros_like(permutation)});
  return F::cross_entropy(logits, match);
}

}  // namespace lingula
