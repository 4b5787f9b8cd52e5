// Losses on logits (docs/models.md, "Training").
#pragma once

#include <torch/torch.h>

namespace lingula {

// 1 - (2 sum(p y) + 1e-5) / (sum(p) + sum(y) + 1e-5) for each image, averaged: the Dice part of
// MONAI's DiceCE, the only part that is not constant in the reference. logits and y [B, 1, S, S].
torch::Tensor SoftDiceLoss(const torch::Tensor& logits, const torch::Tensor& y);

}  // namespace lingula
