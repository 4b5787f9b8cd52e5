// ProLearn: segmentation guided by prototypes in place of a report (Ye et al., ICCV 2025). The
// image retrieves the nearest prototypes' text halves, and these guide the mask. Built from sizes,
// so that the published network and smaller ones are the same classes.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <variant>

#include "model/nets/encoders.h"
#include "model/nets/prolearn/feature_query.h"
#include "model/nets/prolearn/guided_approximation.h"
#include "model/nets/prolearn/prototype_guide.h"
#include "model/nets/prolearn/prototype_memory.h"
#include "model/nets/subpixel_head.h"
#include "model/nets/tap.h"
#include "model/nets/vit.h"

namespace lingula {

// With those of its prototypes.
struct ProlearnOptions : PrototypeMemoryOptions {
  int64_t side = 224;  // of the input, a multiple of 32; that of the tower is the same
  EncoderOptions encoder;
  std::array<int64_t, 4> decoder_widths{768, 384, 192, 96};  // at strides 32, 16, 8, 4
  int64_t cross_heads = 4;
  int64_t head_channels = 24;
  // What makes the query: a tower of its own (the published code) or the encoder's features (the
  // paper).
  std::variant<VitOptions, FeatureQueryOptions> query;
  double guide_scale = 1.0;
};

// Children vision_encoder, prototype.{matrix, encoder.model.visual.{trunk, head.proj}}, approx1..3,
// decoder16/8/4, decoder1, out: the published state dict without what it does not use. Where the
// query is made of features it is the child query, and prototype.encoder is not there.
class ProlearnImpl : public torch::nn::Module {
 public:
  explicit ProlearnImpl(const ProlearnOptions& options);

  // image [B, 3, S, S], normalised.
  Features Encode(const torch::Tensor& image) { return vision_encoder_->forward(image); }
  // The query [B, query_dim] of the same image, not normalised. It depends on the image alone; its
  // features, from Encode, save the work of encoding it again. `tap` as in Vit.
  torch::Tensor Embed(const torch::Tensor& image, const Features& features,
                      const Tap& tap = nullptr);
  torch::Tensor Embed(const torch::Tensor& image, const Tap& tap = nullptr) {
    return Embed(image, reads_features() ? Encode(image) : Features(), tap);
  }
  // In float32, whatever the type of the rest.
  Retrieval Retrieve(const torch::Tensor& embedding) { return prototype_(embedding); }
  // As in PrototypeMemory.
  Retrieval RetrieveNext(const Retrieval& first, const torch::Tensor& places) {
    return prototype_->Next(first, places);
  }
  // Mask logits [B, 1, S, S]. response [B, k, response_dim], converted to the network's type;
  // use_guidance [B, 1, 1]: 0 leaves the guidance (the guide layers' cross-attention terms) out of
  // a sample, undefined means all 1. `tap` sees approx1..3, guide16/8/4 and stage16/8/4 (tokens)
  // and, before Fold, decoder1.
  torch::Tensor Decode(const Features& features, const torch::Tensor& response,
                       const torch::Tensor& use_guidance, const Tap& tap = nullptr);

  // Prepares for inference: folds what is linear, packs convolutions, converts the rest. Encode and
  // Embed then take images of types.encoder, with `grey` [B, 1, S, S]. Cannot be undone, and the
  // state dict changes.
  void Fold(const FoldTypes& types, bool grey);
  const ProlearnOptions& options() const { return options_; }
  VisionEncoder& encoder() { return *vision_encoder_; }
  bool reads_features() const {
    return std::holds_alternative<FeatureQueryOptions>(options_.query);
  }
  // Null where a tower of its own makes the query.
  FeatureQuery& feature_query() { return feature_query_; }
  // [labels, prototypes, query_dim + response_dim], until Fold.
  torch::Tensor& matrix() { return prototype_->matrix(); }

 private:
  const ProlearnOptions options_;
  std::shared_ptr<VisionEncoder> vision_encoder_;
  PrototypeMemory prototype_;
  std::array<GuidedApproximation, 3> approx_;
  std::array<PrototypeDecoder, 3> decoders_;
  SubpixelHead head_;
  Laterals laterals_;
  FeatureQuery feature_query_{nullptr};
  Vit trunk_{nullptr};
  torch::nn::Linear query_{nullptr};
  std::optional<torch::ScalarType> decoder_type_;  // once folded
};
TORCH_MODULE(Prolearn);

}  // namespace lingula
