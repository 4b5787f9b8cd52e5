// The contrastive loss of our own ProLearn recipes; the published ones are in losses.h.
#pragma once

#include <torch/torch.h>

namespace lingula {

// Rows [..., C] scaled to length 1.
torch::Tensor Unit(const torch::Tensor& rows);

// Symmetric InfoNCE by cosines, temperature 0.1, in which every pair weighs the same: the target of
// an image is spread evenly over the texts that match it, where PairLoss counts an image as often
// as it has matches. image and text [B, C]; pairs match whose rows of `keys` [B, K] are equal.
torch::Tensor EvenPairLoss(const torch::Tensor& image, const torch::Tensor& text,
                           const torch::Tensor& keys);

}  // namespace lingula
