#include "model/train/random_moves.h"

#include <cmath>

namespace lingula {
namespace {

namespace F = torch::nn::functional;

constexpr double kPi = 3.14159265358979323846;
constexpr int64_t kPoints = 6;  // of the random field, a side

torch::Tensor Uniform(at::IntArrayRef shape, double low, double high,
                      const torch::TensorOptions& options) {
  return torch::rand(shape, options) * (high - low) + low;
}

// Affine map of each sample from output to input coordinates, which span 2: [B, 2, 3].
// `flip` and `upend` are 1 where the columns, or the rows, are reversed.
torch::Tensor RandomAffine(const torch::Tensor& flip, const torch::Tensor& upend,
                           int64_t column_axis, const AugmentOptions& o) {
  const auto options = flip.options();
  const int64_t n = flip.size(0);
  const double range = -std::log(1 - o.zoom);
  const auto scale = torch::exp(Uniform({n}, -range, range, options));
  const auto angle = Uniform({n}, -o.rotate_degrees, o.rotate_degrees, options) * (kPi / 180);
  const auto c = scale * torch::cos(angle), s = scale * torch::sin(angle);
  const auto linear = torch::stack({torch::stack({c, -s}, 1), torch::stack({s, c}, 1)}, 1);
  linear.select(1, column_axis).mul_((1 - 2 * flip).unsqueeze(1));
  linear.select(1, 1 - column_axis).mul_((1 - 2 * upend).unsqueeze(1));
  return torch::cat({linear, Uniform({n, 2, 1}, -2 * o.shift, 2 * o.shift, options)}, 2);
}

// What points of a line contribute to each of its pixels when cubics join them: [S, kPoints].
torch::Tensor CubicWeights(int64_t side, const torch::TensorOptions& options) {
  const auto interpolation = F::InterpolateFuncOptions()
                                 .size(std::vector<int64_t>{side, kPoints})
                                 .mode(torch::kBicubic)
                                 .align_corners(true);
  const auto points = torch::eye(kPoints, options).view({1, 1, kPoints, kPoints});
  return F::interpolate(points, interpolation).view({side, kPoints});
}

// Random displacements of the points, both axes, [B, 2, kPoints, kPoints].
torch::Tensor RandomField(int64_t n, double largest, const torch::TensorOptions& options) {
  const auto strength = Uniform({n, 1, 1, 1}, 0, 2 * largest, options);
  return Uniform({n, 2, kPoints, kPoints}, -1, 1, options) * strength;
}

}  // namespace

// Affine map and field are both sums of (function of the row) x (function of the column), so that
// one product of small matrices gives the grid: functions are the field's cubics, the coordinate
// itself, and 1.
Moves RandomMoves(int64_t n, int64_t side, bool transpose, const AugmentOptions& o,
                  const torch::Device& device) {
  const auto options = torch::TensorOptions().dtype(torch::kFloat32).device(device);
  Moves moves;
  moves.flipped = torch::rand({n}, options) < o.flip;
  moves.upended = torch::rand({n}, options) < o.flip_rows;
  // grid_sample numbers coordinates from the last axis, which holds rows when the spec transposes.
  const auto theta = RandomAffine(moves.flipped.to(torch::kFloat32),
                                  moves.upended.to(torch::kFloat32), transpose ? 1 : 0, o);
  moves.turns = theta.narrow(2, 0, 2);
  const auto coordinate = (2 * torch::arange(side, options) + 1) / side - 1;
  auto functions = torch::stack({coordinate, torch::ones_like(coordinate)}, 1);  // [S, 2]
  const int64_t points = o.elastic > 0 ? kPoints : 0;
  const auto weights = torch::zeros({n, 2, points + 2, points + 2}, options);
  if (points > 0) {
    functions = torch::cat({CubicWeights(side, options), functions}, 1);
    weights.narrow(2, 0, points).narrow(3, 0, points).copy_(RandomField(n, o.elastic, options));
  }
  const int64_t itself = points, one = points + 1;
  weights.select(2, one).select(2, itself).copy_(theta.select(2, 0));
  weights.select(2, itself).select(2, one).copy_(theta.select(2, 1));
  weights.select(2, one).select(2, one).copy_(theta.select(2, 2));
  moves.grid = functions.matmul(weights).matmul(functions.t()).permute({0, 2, 3, 1});
  return moves;
}

}  // namespace lingula
