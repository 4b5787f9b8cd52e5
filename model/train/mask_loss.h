// The losses of a mask, weighed as a recipe says.
#pragma once

#include <string>
#include <vector>

#include <torch/torch.h>

#include "lingula/train/v1/recipe.pb.h"

namespace lingula {

struct MaskLossAnswer {
  torch::Tensor total;               // weighted scalar
  std::vector<torch::Tensor> terms;  // unweighted, detached, as MaskTerms(); undefined: weight 0
};

// Columns for the log.
std::vector<std::string> MaskTerms();

// Binary cross-entropy of logits of any floating-point type, computed in float32.
torch::Tensor Entropy(const torch::Tensor& logits, const torch::Tensor& truth);

// logits of any floating-point type and masks 0 or 1, [B, 1, S, S]; computed in float32. Some
// weight is above 0, or a reference loss chosen.
MaskLossAnswer MaskLoss(const train::v1::Losses& losses, const torch::Tensor& logits,
                        const torch::Tensor& masks);

}  // namespace lingula
