// Multi-scale deformable attention (Zhu et al. 2021, 4.1) around reference boxes: each query looks
// at a few points of each map instead of at all tokens.
#pragma once

#include "model/nets/conv_unit.h"
#include "model/nets/rtdetr/shape_cache.h"

namespace lingula {

// Projected tokens that queries look at. A slot is what one head of one layer sees, so that several
// layers can share one projection.
struct ValueTable {
  torch::Tensor rows;      // [B, tokens, slots, C / heads], contiguous
  int64_t first_slot = 0;  // of this layer's heads
};

// Where the tokens of a pyramid lie, for each of the points that a query looks at (ordered head,
// level, point; K in all). Index arithmetic in float32 is exact below 2^24 tokens.
struct PointGrid {
  PointGrid(const MapShapes& shapes, int64_t heads, int64_t points,
            torch::Device device = torch::kCPU);
  PointGrid() = default;
  torch::Tensor size;   // [2, 1, 1, K]: widths, heights
  torch::Tensor start;  // [K]: first token of the level
};

class DeformableAttentionImpl : public torch::nn::Module {
 public:
  // Children sampling_offsets (outputs ordered head, level, point, x then y), attention_weights
  // (head, level, point), value_proj, output_proj.
  DeformableAttentionImpl(int64_t channels, int64_t heads, int64_t levels, int64_t points);

  // query [B, Q, C]; boxes [B, Q, 4] float32: centre x, y, width, height as fractions of the map.
  // Returns [B, Q, C].
  torch::Tensor forward(const torch::Tensor& query, const torch::Tensor& boxes,
                        const ValueTable& values, const PointGrid& grid);
  // Turns tokens [B, N, C] into values [B, N, C]; part of forward in the paper.
  torch::nn::Linear& value_proj() { return value_proj_; }
  // Prepares all but value_proj for inference in `type`. Cannot be undone.
  void Fold(torch::ScalarType type);

 private:
  void Start();
  // Places of the points in pixels, x then y: [2, B, Q, K].
  torch::Tensor Points(const torch::Tensor& query, const torch::Tensor& boxes,
                       const PointGrid& grid);

  const int64_t heads_, levels_, points_;
  LinearUnit sampling_offsets_, attention_weights_;
  torch::nn::Linear value_proj_;
  LinearUnit output_proj_;
};
TORCH_MODULE(DeformableAttention);

}  // namespace lingula
