#include "model/nets/prolearn/prolearn.h"

#include <string>

namespace lingula {
namespace {

GuidedApproximationOptions ApproximationOptions(const ProlearnOptions& o, int stage) {
  GuidedApproximationOptions a;
  a.visual_channels = o.decoder_widths[stage];
  a.skip_channels = o.decoder_widths[stage + 1];
  a.response_tokens = o.top_k;
  a.response_dim = o.response_dim;
  a.cross_heads = o.cross_heads;
  a.scale = o.guide_scale;
  return a;
}

PrototypeGuideOptions GuideOptions(const ProlearnOptions& o, int stage) {
  PrototypeGuideOptions g;
  g.channels = o.decoder_widths[stage];
  g.response_tokens = o.top_k;
  g.response_dim = o.response_dim;
  g.cross_heads = o.cross_heads;
  g.scale = o.guide_scale;
  return g;
}

// [B, C, h, h] -> [B, h * h, C].
torch::Tensor Tokens(const torch::Tensor& map) {
  return map.flatten(2).transpose(1, 2);
}

// `tap` under longer names.
Tap Named(const Tap& tap, const std::string& before, const std::string& after) {
  if (!tap) {
    return nullptr;
  }
  return [=](const std::string& name, const torch::Tensor& value) {
    tap(before + name + after, value);
  };
}

}  // namespace

ProlearnImpl::ProlearnImpl(const ProlearnOptions& o)
    : options_(o),
      vision_encoder_(register_module("vision_encoder", MakeEncoder(o.encoder))),
      prototype_(register_module("prototype", PrototypeMemory(o))),
      approx_{register_module("approx1", GuidedApproximation(ApproximationOptions(o, 0))),
              register_module("approx2", GuidedApproximation(ApproximationOptions(o, 1))),
              register_module("approx3", GuidedApproximation(ApproximationOptions(o, 2)))},
      decoders_{register_module("decoder16", PrototypeDecoder(GuideOptions(o, 0))),
                register_module("decoder8", PrototypeDecoder(GuideOptions(o, 1))),
                register_module("decoder4", PrototypeDecoder(GuideOptions(o, 2)))},
      head_(SubpixelHead(o.decoder_widths[3], o.head_channels)),
      laterals_(*this, vision_encoder_->widths(), o.decoder_widths) {
  register_module("decoder1", head_->decoder());
  register_module("out", head_->out());
  if (const auto* sizes = std::get_if<FeatureQueryOptions>(&o.query)) {
    feature_query_ = register_module(
        "query", FeatureQuery(*sizes, vision_encoder_->widths(), o.side / 16, o.query_dim));
    return;
  }
  const auto& vit = std::get<VitOptions>(o.query);
  TORCH_CHECK(o.side == vit.side, "the encoder takes images of ", o.side,
              " pixels, the query tower of ", vit.side);
  auto tower = prototype_->register_module("encoder", torch::nn::Sequential());
  auto model = tower->register_module("model", torch::nn::Sequential());
  auto visual = model->register_module("visual", torch::nn::Sequential());
  trunk_ = visual->register_module("trunk", Vit(vit));
  auto head = visual->register_module("head", torch::nn::Sequential());
  query_ = head->register_module(
      "proj", torch::nn::Linear(torch::nn::LinearOptions(vit.dim, o.query_dim).bias(false)));
}

torch::Tensor ProlearnImpl::Embed(const torch::Tensor& image, const Features& features,
                                  const Tap& tap) {
  return reads_features() ? feature_query_(features).query : query_(trunk_(image, tap));
}

torch::Tensor ProlearnImpl::Decode(const Features& encoded, const torch::Tensor& response,
                                   const torch::Tensor& use_guidance, const Tap& tap) {
  const Features features = ToType(encoded, decoder_type_);
  auto x = laterals_(features, 3);
  const auto retrieved = response.to(x.scalar_type());
  for (int stage = 0; stage < 3; ++stage) {
    const auto skip = laterals_(features, 2 - stage);
    const std::string approx = "approx" + std::to_string(stage + 1);
    const auto fitted =
        approx_[stage](retrieved, Tokens(x), Tokens(skip), Named(tap, approx + ".", ""));
    const std::string stride = std::to_string(16 >> stage);
    x = decoders_[stage](x, skip, fitted, use_guidance, Named(tap, "", stride));
    if (tap) {
      tap(approx, fitted);
      tap("stage" + stride, Tokens(x));
    }
  }
  if (tap && !decoder_type_.has_value()) {
    tap("decoder1", head_->Upsample(x));
  }
  return head_(x);
}

void ProlearnImpl::Fold(const FoldTypes& types, bool grey) {
  torch::NoGradGuard no_grad;
  eval();
  vision_encoder_->Fold(types.encoder, grey);
  prototype_->Fold();
  if (reads_features()) {
    feature_query_->Fold(types.encoder);
  } else {
    trunk_->Fold(types.encoder, grey);
  }
  for (int stage = 0; stage < 3; ++stage) {
    const int64_t side = options_.side / 32 << stage;
    approx_[stage]->Fold(side * side, 4 * side * side, types.decoder);
    decoders_[stage]->Fold(side, types.decoder);
  }
  head_->Fold(types.decoder);
  laterals_.Fold(types.decoder);
  ConvertTo(types, {"vision_encoder", "prototype", "query"}, *this);
  decoder_type_ = types.decoder;
}

}  // namespace lingula
