// Losses of the published training programs (docs/models.md, "Training"). All return a scalar.
#pragma once

#include <torch/torch.h>

namespace lingula {

// 1 - (2 sum(p y) + 1e-5) / (sum(p) + sum(y) + 1e-5) for each image, averaged: the Dice part of
// MONAI's DiceCE, the only part that is not constant in the reference. p and y [B, 1, S, S].
torch::Tensor DiceLoss(const torch::Tensor& p, const torch::Tensor& y);
// The same with the sums taken over all images before they are divided: the pooled figure, in which
// large masks weigh more.
torch::Tensor PooledDiceLoss(const torch::Tensor& p, const torch::Tensor& y);

// Which release of MONAI the DiceCE of a published network came from.
enum class MonaiRelease {
  k101,  // 1.0.1, SGSeg: cross-entropy over one channel, which is 0; Dice alone is left
  k150,  // 1.5.0, ProLearn: Dice + binary cross-entropy of sigmoid(p), a second sigmoid
};
// MONAI's DiceCE with its defaults on probabilities. p and y [B, 1, S, S].
torch::Tensor DiceCeLoss(const torch::Tensor& p, const torch::Tensor& y, MonaiRelease release);

// Binary cross-entropy of zone probabilities p with t, [B, zones]; logarithms end at -100.
torch::Tensor ZoneLoss(const torch::Tensor& p, const torch::Tensor& t);

// SGSeg's warm-up: symmetric InfoNCE between images and their texts, the rest of the batch being
// the negatives (equal captions as well). image [B, N, C] and text [B, L, C] are averaged over
// tokens; [B, C] is taken as it is. Cosine similarity, temperature 0.1.
torch::Tensor WarmUpLoss(const torch::Tensor& image, const torch::Tensor& text);

// ProLearn's contrastive part: products (no normalisation) / 0.1; a pair matches each pair that has
// the same zones, and the targets are not normalised, so that a row weighs as many times as it has
// matches. image and text [B, C]; zones [B, 6], or undefined: a pair matches itself alone.
torch::Tensor PairLoss(const torch::Tensor& image, const torch::Tensor& text,
                       const torch::Tensor& zones);

// ProLearn's matching head, in the names of the state dict (0, 2): image and text side by side to
// the logits of "no match", "match".
torch::nn::Sequential MatchingHead(int64_t width = 512);

// ProLearn's matching part: cross-entropy of the B pairs as matches and of the images with the
// texts of `permutation` [B] int64 as no matches, although some may be.
torch::Tensor MatchingLoss(torch::nn::Sequential& head, const torch::Tensor& image,
                           const torch::Tensor& text, const torch::Tensor& permutation);

}  // namespace lingula
