#include "model/nets/vit.h"

#include "model/nets/conv_unit.h"

namespace lingula {
namespace {

constexpr double kNormEps = 1e-6;

torch::nn::LayerNorm MakeNorm(int64_t channels) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({channels}).eps(kNormEps));
}

}  // namespace

VitBlockImpl::VitBlockImpl(const VitOptions& o)
    : heads_(o.heads),
      norm1_(register_module("norm1", MakeNorm(o.dim))),
      norm2_(register_module("norm2", MakeNorm(o.dim))) {
  auto attn = register_module("attn", torch::nn::Sequential());
  qkv_ = attn->register_module("qkv", LinearUnit(o.dim, 3 * o.dim));
  proj_ = attn->register_module("proj", LinearUnit(o.dim, o.dim));
  auto mlp = register_module("mlp", torch::nn::Sequential());
  fc1_ = mlp->register_module("fc1", LinearUnit(o.dim, o.mlp, Activation::kGelu));
  fc2_ = mlp->register_module("fc2", LinearUnit(o.mlp, o.dim));
}

torch::Tensor VitBlockImpl::Mix(const torch::Tensor& n) {
  const auto split = qkv_(n).view({n.size(0), n.size(1), 3, heads_, -1}).permute({2, 0, 3, 1, 4});
  const auto mixed = MixValues(split[0], {split[1], split[2]});  // [B, h, N, d]
  return mixed.transpose(1, 2).reshape(n.sizes());
}

torch::Tensor VitBlockImpl::forward(const torch::Tensor& x) {
  const auto n = norm1_(x);
  const auto y =
      first_.ready() ? x.narrow(1, 0, 1) + first_(n.narrow(1, 0, 1), n) : proj_->AddTo(Mix(n), x);
  return fc2_->AddTo(fc1_(norm2_(y)), y);
}

void VitBlockImpl::Fold(torch::ScalarType type) {
  for (LinearUnit* unit : {&qkv_, &proj_, &fc1_, &fc2_}) {
    (*unit)->Fold(type);
  }
}

void VitBlockImpl::FoldToFirst(torch::ScalarType type) {
  first_ = FewQueries({qkv_->weight, qkv_->bias, proj_->weight, proj_->bias, heads_},
                      torch::Tensor(), torch::Tensor(), type);
  DropWeights(*qkv_);
  DropWeights(*proj_);
}

VitImpl::VitImpl(const VitOptions& o) : options_(o) {
  TORCH_CHECK(o.side % o.patch == 0 && o.depth > 0, "a ViT of ", o.depth, " blocks for ", o.side,
              " pixels in patches of ", o.patch);
  const int64_t patches = (o.side / o.patch) * (o.side / o.patch);
  cls_token_ = register_parameter("cls_token", torch::randn({1, 1, o.dim}) * 0.02);
  pos_embed_ = register_parameter("pos_embed", torch::randn({1, patches + 1, o.dim}) * 0.02);
  auto patch = register_module("patch_embed", torch::nn::Sequential());
  proj_ = patch->register_module(
      "proj", torch::nn::Conv2d(torch::nn::Conv2dOptions(3, o.dim, o.patch).stride(o.patch)));
  auto blocks = register_module("blocks", torch::nn::Sequential());
  for (int64_t i = 0; i < o.depth; ++i) {
    blocks_.push_back(blocks->register_module(std::to_string(i), VitBlock(o)));
  }
  norm_ = register_module("norm", MakeNorm(o.dim));
}

torch::Tensor VitImpl::Patches(const torch::Tensor& image) {
  const auto map = fused_.ready() ? fused_(image) : proj_(image);
  return map.flatten(2).transpose(1, 2);
}

torch::Tensor VitImpl::forward(const torch::Tensor& image, const Tap& tap) {
  const auto see = [&tap](const std::string& name, const torch::Tensor& value) {
    if (tap) {
      tap(name, value);
    }
  };
  const auto patches = Patches(image);
  see("patch", patches);
  auto x = torch::cat({cls_token_.expand({image.size(0), 1, -1}), patches}, 1) + pos_embed_;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    x = blocks_[i](x);
    see("block" + std::to_string(i), x);
  }
  x = norm_(x);
  see("norm", x);
  return x.select(1, 0);
}

void VitImpl::Fold(torch::ScalarType type, bool grey) {
  if (grey) {
    MergeInputChannels(proj_);
  }
  fused_ = Fuse(proj_, Activation::kNone, type);
  for (size_t i = 0; i + 1 < blocks_.size(); ++i) {
    blocks_[i]->Fold(type);
  }
  blocks_.back()->FoldToFirst(type);
}

}  // namespace lingula
