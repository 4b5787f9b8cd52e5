// Vision transformer (Dosovitskiy et al. 2021) with the names of timm's state dict; the image tower
// of BiomedCLIP, which makes ProLearn's query.
#pragma once

#include <vector>

#include "model/nets/conv_unit.h"
#include "model/nets/lean_attention.h"
#include "model/nets/tap.h"

namespace lingula {

struct VitOptions {
  int64_t side = 224;  // of the image, a multiple of patch
  int64_t patch = 16;
  int64_t dim = 768;
  int64_t depth = 12;
  int64_t heads = 12;
  int64_t mlp = 3072;
};

// x + attention(norm(x)), then x + MLP(norm(x)); exact GELU.
class VitBlockImpl : public torch::nn::Module {
 public:
  explicit VitBlockImpl(const VitOptions& options);
  // x [B, N, dim]. Returns the same shape; only the first row, [B, 1, dim], after FoldToFirst.
  torch::Tensor forward(const torch::Tensor& x);
  // For a last block whose first row alone is read: keys, values and the MLP of the other rows are
  // no longer computed. Cannot be undone.
  void FoldToFirst(torch::ScalarType type);
  // For all others: prepares for inference in `type`. Cannot be undone.
  void Fold(torch::ScalarType type);

 private:
  torch::Tensor Mix(const torch::Tensor& n);  // what proj takes, from normalised rows

  const int64_t heads_;
  torch::nn::LayerNorm norm1_, norm2_;
  LinearUnit qkv_{nullptr}, proj_{nullptr}, fc1_{nullptr}, fc2_{nullptr};
  FewQueries first_;
};
TORCH_MODULE(VitBlock);

class VitImpl : public torch::nn::Module {
 public:
  explicit VitImpl(const VitOptions& options);

  // image [B, 3, side, side]. Returns the class row after the last normalisation, [B, dim].
  // `tap` sees "patch" [B, N - 1, dim], "blockI" and "norm" [B, N, dim] (the last block's and the
  // norm's first rows only, once folded).
  torch::Tensor forward(const torch::Tensor& image, const Tap& tap = nullptr);
  // Prepares for inference in `type`; with `grey`, for images [B, 1, side, side] that stand for
  // three equal channels. The caller converts what remains. Cannot be undone.
  void Fold(torch::ScalarType type, bool grey);

 private:
  torch::Tensor Patches(const torch::Tensor& image);  // [B, N - 1, dim]

  const VitOptions options_;
  torch::Tensor cls_token_, pos_embed_;
  torch::nn::Conv2d proj_{nullptr};
  FusedConv fused_;
  std::vector<VitBlock> blocks_;
  torch::nn::LayerNorm norm_{nullptr};
};
TORCH_MODULE(Vit);

}  // namespace lingula
