// RT-DETR's query decoder: the most promising tokens become queries, which then look at each other
// and, around boxes that are refined on the way, at the maps. Names of the published state dict.
#pragma once

#include <vector>

#include "model/nets/attention.h"
#include "model/nets/conv_unit.h"
#include "model/nets/rtdetr/deformable_attention.h"
#include "model/nets/rtdetr/hybrid_encoder.h"

namespace lingula {

// Start boxes of all tokens of a pyramid, stride 8 first, row-major.
struct Anchors {
  torch::Tensor logits;    // [1, N, 4]: of centre x, centre y, width, height; +inf where not valid
  torch::Tensor valid;     // [1, N, 1] bool: nothing is nearer than 1 % to an edge
  bool all_valid = false;  // so it is for maps of images below 400 pixels
};
Anchors MakeAnchors(const MapShapes& shapes);

// Linear layers with ReLU between; children layers.0 and so on.
class MlpImpl : public torch::nn::Module {
 public:
  // widths: of the input, each hidden layer and the output.
  explicit MlpImpl(const std::vector<int64_t>& widths);
  torch::Tensor forward(torch::Tensor x);
  LinearUnit& last() { return layers_.back(); }
  void Fold(torch::ScalarType type);

 private:
  std::vector<LinearUnit> layers_;
};
TORCH_MODULE(Mlp);

struct QueryDecoderOptions {
  int64_t hidden, queries, layers, heads, points, feed_forward, classes;
};

// A post-norm layer: queries among themselves, queries at the maps, feed-forward.
class QueryLayerImpl : public torch::nn::Module {
 public:
  explicit QueryLayerImpl(const QueryDecoderOptions& options);
  // x [B, Q, hidden], place [B, Q, hidden] the code of `boxes` [B, Q, 4] float32.
  torch::Tensor forward(torch::Tensor x, const torch::Tensor& place, const torch::Tensor& boxes,
                        const ValueTable& values, const PointGrid& grid);
  torch::nn::Linear& value_proj() { return cross_attn_->value_proj(); }
  void Fold(torch::ScalarType type);

 private:
  Attention self_attn_;
  torch::nn::LayerNorm norm1_;
  DeformableAttention cross_attn_;
  torch::nn::LayerNorm norm2_;
  LinearUnit linear1_, linear2_;
  torch::nn::LayerNorm norm3_;
};
TORCH_MODULE(QueryLayer);

struct QueryAnswer {
  torch::Tensor scores;               // [B, N]: best class score of each token
  torch::Tensor topk_indices;         // [B, Q] int64: chosen tokens, best first
  std::vector<torch::Tensor> layers;  // queries after each layer [B, Q, hidden], in that order
};

class QueryDecoderImpl : public torch::nn::Module {
 public:
  explicit QueryDecoderImpl(const QueryDecoderOptions& options);
  // Throws c10::Error when the maps have fewer pixels than there are queries.
  QueryAnswer forward(const EncodedMaps& maps);
  // Prepares for inference in `type`; the owner converts what is no convolution. Boxes stay
  // float32. Cannot be undone.
  void Fold(torch::ScalarType type);

 private:
  struct Choice {
    torch::Tensor content;     // [B, Q, hidden]
    torch::Tensor box_logits;  // [B, Q, 4] float32
  };
  struct Places {
    Anchors anchors;
    PointGrid grid;
  };
  torch::Tensor Tokens(const EncodedMaps& maps);  // [B, N, hidden]
  Choice Choose(const torch::Tensor& tokens, const Anchors& anchors, QueryAnswer* answer);
  torch::Tensor Values(const torch::Tensor& tokens);  // the rows of a ValueTable for all layers
  torch::Tensor ValueWeights(const char* name);       // of all layers, one below the other
  void Start();

  const QueryDecoderOptions options_;
  std::vector<torch::nn::Conv2d> project_;
  std::vector<torch::nn::BatchNorm2d> project_norm_;
  std::vector<FusedConv> fused_project_;
  std::vector<QueryLayer> layers_;
  Mlp query_pos_head_;
  LinearUnit enc_output_{nullptr};
  torch::nn::LayerNorm enc_output_norm_{nullptr};
  LinearUnit enc_score_head_;
  Mlp enc_bbox_head_;
  std::vector<Mlp> dec_bbox_head_;  // the last layer has none: its boxes serve nobody
  FusedLinear fused_values_;        // of all layers: [layers * hidden, hidden]
  ShapeCache<Places> places_;
};
TORCH_MODULE(QueryDecoder);

}  // namespace lingula
