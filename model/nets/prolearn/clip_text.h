// BiomedCLIP's text tower (Zhang et al. 2023), which embeds the reports that prototypes are made
// of.
#pragma once

#include "model/nets/bert.h"
#include "model/nets/tap.h"

namespace lingula {

struct ClipTextOptions {
  // BiomedBERT: BERT-base with names that have no root.
  static BertOptions BiomedBert();

  BertOptions bert = BiomedBert();
  int64_t hidden = 640;  // between the two projections
  int64_t dim = 512;     // of the embedding
};

// State dict: transformer.*, proj.{0,2}.weight.
class ClipTextImpl : public torch::nn::Module {
 public:
  explicit ClipTextImpl(const ClipTextOptions& options);
  // ids [B, L] int64, 0 is padding, the first is [CLS]. Returns [B, dim], not normalised.
  // `tap` sees "hidden", the last hidden states [B, L, bert.hidden].
  torch::Tensor forward(const torch::Tensor& ids, const Tap& tap = nullptr);

 private:
  Bert transformer_;
  torch::nn::Linear widen_{nullptr}, narrow_{nullptr};
};
TORCH_MODULE(ClipText);

}  // namespace lingula
