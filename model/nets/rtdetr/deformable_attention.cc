#include "model/nets/rtdetr/deformable_attention.h"

#include <cmath>

namespace lingula {
namespace {

// The pixels around each point and their bilinear weights; those outside have weight 0.
struct Corners {
  torch::Tensor token;   // [2 (y), 2 (x), B, Q, K] float32
  torch::Tensor weight;  // the same shape
};

// points [2, B, Q, K] in pixels. The long axis stays last: that is what makes this quick.
Corners Surround(const torch::Tensor& points, const PointGrid& grid) {
  const auto low = torch::floor(points);
  const auto share = points - low;
  const auto pixel = torch::stack({low, low + 1});  // [2 (corner), 2 (axis), B, Q, K]
  const auto inside = torch::clamp_min(torch::minimum(pixel, grid.size - 1), 0);
  const auto weight = torch::stack({1 - share, share}) * (pixel == inside).to(torch::kFloat32);
  const auto axis = [](const torch::Tensor& x, int64_t i) { return x.select(1, i); };
  const auto row = axis(inside, 1) * grid.size[0] + grid.start;
  return {row.unsqueeze(1) + axis(inside, 0).unsqueeze(0),
          axis(weight, 1).unsqueeze(1) * axis(weight, 0).unsqueeze(0)};
}

}  // namespace

PointGrid::PointGrid(const MapShapes& shapes, int64_t heads, int64_t points, torch::Device device) {
  std::vector<float> widths, heights, starts;
  for (int64_t head = 0; head < heads; ++head) {
    int64_t tokens = 0;
    for (const auto& [height, width] : shapes) {
      widths.insert(widths.end(), points, static_cast<float>(width));
      heights.insert(heights.end(), points, static_cast<float>(height));
      starts.insert(starts.end(), points, static_cast<float>(tokens));
      tokens += height * width;
    }
  }
  size =
      torch::stack({torch::tensor(widths), torch::tensor(heights)}).view({2, 1, 1, -1}).to(device);
  start = torch::tensor(starts).to(device);
}

DeformableAttentionImpl::DeformableAttentionImpl(int64_t channels, int64_t heads, int64_t levels,
                                                 int64_t points)
    : heads_(heads),
      levels_(levels),
      points_(points),
      sampling_offsets_(
          register_module("sampling_offsets", LinearUnit(channels, heads * levels * points * 2))),
      attention_weights_(
          register_module("attention_weights", LinearUnit(channels, heads * levels * points))),
      value_proj_(register_module("value_proj", torch::nn::Linear(channels, channels))),
      output_proj_(register_module("output_proj", LinearUnit(channels, channels))) {
  Start();
}

void DeformableAttentionImpl::Fold(torch::ScalarType type) {
  sampling_offsets_->Fold(type);
  attention_weights_->Fold(type);
  output_proj_->Fold(type);
}

// As published: at first each head looks into a direction of its own, its points one step apart,
// and weighs them alike.
void DeformableAttentionImpl::Start() {
  torch::NoGradGuard no_grad;
  const auto angle =
      torch::arange(heads_, torch::kFloat32) * (2 * M_PI / static_cast<double>(heads_));
  auto direction = torch::stack({torch::cos(angle), torch::sin(angle)}, 1);  // [heads, 2]
  direction = direction / std::get<0>(direction.abs().max(1, true));
  const auto steps = torch::arange(1, points_ + 1, torch::kFloat32).view({1, 1, -1, 1});
  sampling_offsets_->weight.zero_();
  sampling_offsets_->bias.copy_((direction.view({heads_, 1, 1, 2}) * steps)
                                    .expand({heads_, levels_, points_, 2})
                                    .reshape({-1}));
  attention_weights_->weight.zero_();
  attention_weights_->bias.zero_();
  for (torch::nn::LinearImpl* projection :
       {&*value_proj_, static_cast<torch::nn::LinearImpl*>(&*output_proj_)}) {
    torch::nn::init::xavier_uniform_(projection->weight);
    projection->bias.zero_();
  }
}

torch::Tensor DeformableAttentionImpl::Points(const torch::Tensor& query,
                                              const torch::Tensor& boxes, const PointGrid& grid) {
  const auto offset = sampling_offsets_(query)
                          .to(torch::kFloat32)
                          .unflatten(2, {-1, 2})
                          .permute({3, 0, 1, 2})
                          .contiguous();                                // [2, B, Q, K]
  const auto box = boxes.permute({2, 0, 1}).unsqueeze(3).contiguous();  // [4, B, Q, 1]
  const auto reach = box.narrow(0, 2, 2) * (0.5 / static_cast<double>(points_));
  // A pixel's centre is half a pixel from its edge.
  return (box.narrow(0, 0, 2) + offset * reach) * grid.size - 0.5;
}

torch::Tensor DeformableAttentionImpl::forward(const torch::Tensor& query,
                                               const torch::Tensor& boxes, const ValueTable& values,
                                               const PointGrid& grid) {
  const int64_t b = query.size(0), q = query.size(1);
  const int64_t tokens = values.rows.size(1), slots = values.rows.size(2);
  const auto corners = Surround(Points(query, boxes, grid), grid);
  const auto share =
      torch::softmax(attention_weights_(query).to(torch::kFloat32).view({b, q, heads_, -1}), -1);

  // Weighted sums of rows: one bag a query and head.
  const auto bags = [&](const torch::Tensor& x) {  // [2, 2, B, Q, K] -> [B, Q, heads, 4, K / heads]
    return x.view({4, b, q, heads_, -1}).permute({1, 2, 3, 0, 4});
  };
  const auto count = [&](int64_t n) {
    return torch::arange(n, torch::dtype(torch::kInt64).device(query.device()));
  };
  const auto slot = count(b).view({b, 1, 1, 1, 1}) * (tokens * slots) +
                    count(heads_).view({heads_, 1, 1}) + values.first_slot;
  const auto row = bags(corners.token).to(torch::kInt64).mul_(slots).add_(slot);
  const auto weight = bags(corners.weight * share.view({b, q, -1}));
  const auto starts = count(b * q * heads_) * (4 * levels_ * points_);
  const auto seen = std::get<0>(torch::embedding_bag(
      values.rows.flatten(0, 2), row.reshape(-1), starts, /*scale_grad_by_freq=*/false, /*mode=*/0,
      /*sparse=*/false, weight.reshape(-1).to(values.rows.scalar_type())));
  return output_proj_(seen.view({b, q, -1}));
}

}  // namespace lingula
