#include "model/train/random_light.h"

namespace lingula {
namespace {

torch::Tensor Uniform(at::IntArrayRef shape, double low, double high, const torch::Tensor& like) {
  return torch::rand(shape, like.options()) * (high - low) + low;
}

// A random linear map of the three channels, and the cut at black and white. The z-score takes back
// every gain and offset of a channel, but not what was cut off, and not the mixing.
torch::Tensor Colour(const torch::Tensor& x, double strength) {
  const int64_t n = x.size(0);
  // Hue: rows sum to 1, so that grey stays grey.
  auto mix = Uniform({n, 3, 3}, -strength, strength, x) / 2;
  mix = mix - mix.mean(2, true) + torch::eye(3, x.options());
  const auto balance = torch::exp(Uniform({n, 3, 1}, -strength / 2, strength / 2, x));
  const auto contrast = torch::exp(Uniform({n, 1, 1}, -strength, strength, x));
  const auto brightness = Uniform({n, 1, 1}, -strength / 2, strength / 2, x);
  const auto offset = (0.5 * (1 - contrast) + brightness).expand({n, 3, 1});
  return torch::baddbmm(offset, mix * (balance * contrast), x.reshape({n, 3, -1}))
      .clamp_(0, 1)
      .view(x.sizes());
}

// True inside a random rectangle of some of the images: [B, 1, S, S].
torch::Tensor Rectangles(const torch::Tensor& x, double chance) {
  const int64_t n = x.size(0), side = x.size(3);
  const auto place = (torch::arange(side, x.options()) + 0.5) / side;
  const auto half = Uniform({n, 2, 1}, 0.05, 0.2, x);
  const auto centre = Uniform({n, 2, 1}, 0, 1, x);
  const auto within = (place - centre).abs() < half;  // [B, 2, S]
  const auto chosen = torch::rand({n, 1, 1}, x.options()) < chance;
  return (within.select(1, 0).unsqueeze(2) & within.select(1, 1).unsqueeze(1) & chosen)
      .unsqueeze(1);
}

torch::Tensor Erase(const torch::Tensor& x, double chance) {
  const auto noisy = torch::rand({x.size(0), 1, 1, 1}, x.options()) < 0.5;
  const auto filling = torch::where(noisy, torch::rand_like(x), x.mean({2, 3}, true));
  return torch::where(Rectangles(x, chance), filling, x);
}

}  // namespace

torch::Tensor RandomLight(torch::Tensor x, const AugmentOptions& o) {
  const int64_t n = x.size(0);
  if (o.colour > 0 && x.size(1) == 3) {
    x = Colour(x, o.colour);
  }
  if (o.gamma > 0) {
    const auto exponent = torch::exp(Uniform({n, 1, 1, 1}, -o.gamma, o.gamma, x));
    x = torch::pow(x.clamp(0, 1), exponent);
  }
  if (o.noise > 0) {
    // Alike in all channels, as what is left of it in compressed colour pictures mostly is.
    const auto grain = torch::randn({n, 1, x.size(2), x.size(3)}, x.options());
    x = torch::addcmul(x, grain, Uniform({n, 1, 1, 1}, 0, o.noise, x));
  }
  return o.erase > 0 ? Erase(x, o.erase) : x;
}

}  // namespace lingula
