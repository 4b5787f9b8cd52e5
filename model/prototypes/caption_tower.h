// The small text tower that ProLearn's training makes beside the network, and that prototypes are
// fitted with: captions to responses. Bundles do not hold it.
#pragma once

#include <string>
#include <vector>

#include <torch/torch.h>

#include "absl/status/statusor.h"
#include "model/nets/bert.h"
#include "model/prototypes/caption_words.h"

namespace lingula {

struct CaptionTowerOptions {
  int64_t words = 512;  // capacity of the vocabulary
  int64_t tokens = 32;  // of a caption, start and end included
  int64_t hidden = 128;
  int64_t heads = 4;
  int64_t layers = 2;
  int64_t feed_forward = 256;
  double dropout = 0;
  int64_t response_dim = 128;
};

// BERT, and a linear layer on its first token. State dict: embeddings.*, encoder.*, proj.weight.
class CaptionTowerImpl : public torch::nn::Module {
 public:
  explicit CaptionTowerImpl(const CaptionTowerOptions& options);
  // ids [B, tokens] int64, as CaptionWords::Encode. Returns [B, response_dim], not normalised.
  torch::Tensor forward(const torch::Tensor& ids);
  const CaptionTowerOptions& options() const { return options_; }

 private:
  const CaptionTowerOptions options_;
  Bert bert_;
  torch::nn::Linear proj_;
};
TORCH_MODULE(CaptionTower);

// Embeddings of the captions [n, response_dim], on the tower's device; equal captions are read
// once, and have equal bits.
torch::Tensor EmbedCaptions(CaptionTower& tower, const CaptionWords& words,
                            const std::vector<std::string>& captions);

// One file: the weights, and in its metadata sizes and words.
absl::Status SaveCaptionTower(const std::string& path, const CaptionTower& tower,
                              const CaptionWords& words);

struct SavedCaptionTower {
  CaptionTower tower;  // in evaluation mode
  CaptionWords words;
};
// Errors   NOT_FOUND; INVALID_ARGUMENT for a file that SaveCaptionTower did not write.
absl::StatusOr<SavedCaptionTower> LoadCaptionTower(const std::string& path);

}  // namespace lingula
