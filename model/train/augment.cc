#include "model/train/augment.h"

#include "model/train/random_light.h"
#include "model/train/random_moves.h"
#include "model/train/reference_zoom.h"

namespace lingula {
namespace {

namespace F = torch::nn::functional;

constexpr double kMirrorFrom = 45;  // degrees

// (x - mean) / population standard deviation for each channel of each image; grey becomes three
// equal channels. The served path is Preprocess(); for images of the network's size both agree.
torch::Tensor Normalize(const torch::Tensor& x) {
  const auto centred = x - x.mean({2, 3}, true);
  const auto deviation = torch::sqrt(centred.square().mean({2, 3}, true));
  const auto z = centred / torch::where(deviation > 0, deviation, torch::ones_like(deviation));
  return z.expand({z.size(0), 3, z.size(2), z.size(3)});
}

// One call for image and mask, which thus cannot part.
torch::Tensor Sample(const torch::Tensor& x, const torch::Tensor& grid, bool mirror) {
  auto options = F::GridSampleFuncOptions().mode(torch::kBilinear).align_corners(false);
  if (mirror) {
    options = options.padding_mode(torch::kReflection);
  } else {
    options = options.padding_mode(torch::kBorder);
  }
  return F::grid_sample(x, grid, options);
}

// The zones of flipped images, which change places in pairs.
torch::Tensor MoveZones(torch::Tensor zones, const Moves& moves) {
  const auto left_right = torch::roll(zones, 3, 1);
  zones = torch::where(moves.flipped.unsqueeze(1), left_right, zones);
  const auto upper_lower = zones.view({-1, 2, 3}).flip({2}).view({-1, 6});
  return torch::where(moves.upended.unsqueeze(1), upper_lower, zones);
}

TrainBatch ZoomedAsPublished(const torch::Tensor& images, const torch::Tensor& masks,
                             const torch::Tensor& zones, const torch::Tensor& rows) {
  auto x = images.to(torch::kFloat32);
  auto y = masks.unsqueeze(1).to(torch::kFloat32);
  ReferenceZoom(x, y);
  return {Normalize(x), y, zones, rows};
}

}  // namespace

TrainBatch Augment(const torch::Tensor& images, const torch::Tensor& masks,
                   const torch::Tensor& zones, const torch::Tensor& rows, const InputSpec& spec,
                   const AugmentOptions& o) {
  torch::NoGradGuard no_grad;
  if (o.reference_zoom) {
    return ZoomedAsPublished(images, masks, zones, rows);
  }
  const int64_t n = images.size(0), channels = images.size(1), side = images.size(3);
  const Moves moves = RandomMoves(n, side, spec.transpose, o, images.device());
  auto both = torch::empty({n, channels + 1, side, side}, images.options().dtype(torch::kFloat32));
  both.narrow(1, 0, channels).copy_(images).div_(255);
  both.select(1, channels).copy_(masks);
  const auto moved = Sample(both, moves.grid, o.rotate_degrees > kMirrorFrom);

  TrainBatch batch;
  batch.images = Normalize(RandomLight(moved.narrow(1, 0, channels), o));
  batch.masks = (moved.narrow(1, channels, 1) > 0.5).to(torch::kFloat32);
  batch.zones = MoveZones(zones, moves);
  batch.rows = rows;
  batch.turns = moves.turns;
  return batch;
}

TrainBatch Plain(const torch::Tensor& images, const torch::Tensor& masks,
                 const torch::Tensor& zones, const torch::Tensor& rows) {
  return {Normalize(images.to(torch::kFloat32)), masks.unsqueeze(1).to(torch::kFloat32), zones,
          rows};
}

}  // namespace lingula
