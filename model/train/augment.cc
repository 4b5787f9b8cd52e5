#include "model/train/augment.h"

#include <cmath>

namespace lingula {
namespace {

namespace F = torch::nn::functional;

constexpr double kPi = 3.14159265358979323846;

torch::Tensor Uniform(int64_t n, double low, double high) {
  return torch::rand({n}) * (high - low) + low;
}

// (x - mean) / population standard deviation for each channel of each image; grey becomes three
// equal channels. The served path is Preprocess(); for images of the network's size both agree.
torch::Tensor Normalize(const torch::Tensor& x) {
  const auto mean = x.mean({2, 3}, true);
  const auto deviation = torch::sqrt((x - mean).pow(2).mean({2, 3}, true));
  const auto z = (x - mean) / torch::where(deviation > 0, deviation, torch::ones_like(deviation));
  return z.expand({z.size(0), 3, z.size(2), z.size(3)});
}

// Affine map of each sample from output to input coordinates, [B, 2, 3].
torch::Tensor RandomAffine(const torch::Tensor& flip, int64_t column_axis,
                           const AugmentOptions& o) {
  const int64_t n = flip.size(0);
  const double range = -std::log(1 - o.zoom);
  const auto scale = torch::exp(Uniform(n, -range, range));
  const auto angle = Uniform(n, -o.rotate_degrees, o.rotate_degrees) * (kPi / 180);
  const auto c = scale * torch::cos(angle), s = scale * torch::sin(angle);
  auto theta = torch::zeros({n, 2, 3});
  using torch::indexing::Slice;
  theta.index_put_({Slice(), 0, 0}, c);
  theta.index_put_({Slice(), 0, 1}, -s);
  theta.index_put_({Slice(), 1, 0}, s);
  theta.index_put_({Slice(), 1, 1}, c);
  const auto mirror = 1 - 2 * flip;  // [B]
  theta.select(1, column_axis).mul_(mirror.unsqueeze(1));
  theta.select(2, 2).copy_((torch::rand({n, 2}) * 4 - 2) * o.shift);  // coordinates span 2
  return theta;
}

torch::Tensor Sample(const torch::Tensor& x, const torch::Tensor& grid, bool repeat_edge) {
  auto options = F::GridSampleFuncOptions().mode(torch::kBilinear).align_corners(false);
  if (repeat_edge) {
    options = options.padding_mode(torch::kBorder);
  } else {
    options = options.padding_mode(torch::kZeros);
  }
  return F::grid_sample(x, grid, options);
}

}  // namespace

TrainBatch Augment(const torch::Tensor& images, const torch::Tensor& masks,
                   const torch::Tensor& zones, const InputSpec& spec, const AugmentOptions& o) {
  torch::NoGradGuard no_grad;
  const int64_t n = images.size(0);
  const auto flip = (torch::rand({n}) < o.flip).to(torch::kFloat32);
  // grid_sample numbers coordinates from the last axis, which holds rows when the spec transposes.
  const auto theta = RandomAffine(flip, spec.transpose ? 1 : 0, o);
  const auto grid = F::affine_grid(theta, images.sizes(), false);
  auto x = Sample(images.to(torch::kFloat32) / 255, grid, true);
  const auto y = Sample(masks.unsqueeze(1).to(torch::kFloat32), grid, false);
  const auto exponent = torch::exp(Uniform(n, -o.gamma, o.gamma)).view({-1, 1, 1, 1});
  x = torch::pow(x.clamp(0, 1), exponent);
  x = x + torch::randn_like(x) * (torch::rand({n, 1, 1, 1}) * o.noise);

  TrainBatch batch;
  batch.images = Normalize(x);
  batch.masks = (y > 0.5).to(torch::kFloat32);
  const auto swapped = torch::roll(zones, 3, 1);  // left and right lungs change places
  batch.zones = torch::where(flip.unsqueeze(1) > 0.5, swapped, zones);
  return batch;
}

TrainBatch Plain(const torch::Tensor& images, const torch::Tensor& masks,
                 const torch::Tensor& zones) {
  return {Normalize(images.to(torch::kFloat32)), masks.unsqueeze(1).to(torch::kFloat32), zones};
}

}  // namespace lingula
