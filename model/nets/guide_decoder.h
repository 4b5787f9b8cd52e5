// Guide layers, variant A, and the decoder stages made of them (docs/models.md, "SGSeg"; reference
// networks LanGuideMedSeg and SGSeg).
#pragma once

#include "model/nets/lean_attention.h"
#include "model/nets/sinusoid.h"
#include "model/nets/up_block.h"

namespace lingula {

struct GuideDecoderOptions {
  int64_t in_channels = 768;   // C
  int64_t report_tokens = 24;  // L
  int64_t report_dim = 768;    // D
  int64_t text_tokens = 24;    // tokens made of the report's, by a convolution across positions
  int64_t cross_heads = 4;
  double scale = 0.01;  // start of the learned weight of the text
};

// Mixes text into visual tokens: self-attention, then cross-attention with the text.
class GuideLayerImpl : public torch::nn::Module {
 public:
  explicit GuideLayerImpl(const GuideDecoderOptions& options);

  // Keys and values that a report gives to this layer. text [B, L, D]. Depends on the text alone,
  // so a closed set of reports can be projected once for all.
  KeysValues ProjectText(const torch::Tensor& text);
  // x [B, N, C]; `use_text` [B, 1, 1], 0 leaves the text out of a sample; undefined means all 1.
  // Returns [B, N, C].
  torch::Tensor forward(torch::Tensor x, const KeysValues& text, const torch::Tensor& use_text);
  // Prepares for maps of 24 tokens or more in `type`; what ProjectText gives is then of another
  // form. The owner converts the rest. Cannot be undone.
  void Fold(torch::ScalarType type);

 private:
  const int64_t cross_heads_;
  torch::Tensor scale_;
  torch::nn::LayerNorm norm1_, norm2_, self_attn_norm_, cross_attn_norm_;
  Attention self_attn_, cross_attn_;
  torch::nn::Conv1d mix_{nullptr};
  torch::nn::Linear widen_{nullptr};
  PositionCode vis_pos_, txt_pos_;
  OneHead folded_self_attn_;
  FewKeys folded_cross_attn_;
};
TORCH_MODULE(GuideLayer);

// One decoder stage.
class GuideDecoderImpl : public torch::nn::Module {
 public:
  explicit GuideDecoderImpl(const GuideDecoderOptions& options)
      : guide_layer_(register_module("guide_layer", GuideLayer(options))),
        decoder_(register_module("decoder", UpBlock(options.in_channels))) {}

  // x [B, C, h, h], skip [B, C / 2, 2h, 2h], text and use_text as in GuideLayer.
  // Returns [B, C / 2, 2h, 2h].
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& skip, const KeysValues& text,
                        const torch::Tensor& use_text);
  GuideLayer& guide_layer() { return guide_layer_; }
  // Best for maps x of `side` x `side`.
  void Fold(torch::ScalarType type, int64_t side) {
    guide_layer_->Fold(type);
    decoder_->Fold(type, side);
  }

 private:
  GuideLayer guide_layer_;
  UpBlock decoder_;
};
TORCH_MODULE(GuideDecoder);

}  // namespace lingula
