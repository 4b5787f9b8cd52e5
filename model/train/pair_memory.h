// The newest embedded pairs of a training run, from which prototypes are fitted.
#pragma once

#include <vector>

#include <torch/torch.h>

#include "model/prototypes/pair_set.h"

namespace lingula {

// A ring in buffers, so that a checkpoint holds it: queries, texts, labels, and how many pairs were
// ever put in. Its size does not depend on the data.
class PairMemoryImpl : public torch::nn::Module {
 public:
  PairMemoryImpl(int64_t capacity, int64_t query_dim, int64_t response_dim, int64_t labels);
  // queries [B, query_dim], texts [B, response_dim]; pairs without labels are left out.
  void Add(const torch::Tensor& queries, const torch::Tensor& texts,
           const std::vector<LabelSet>& labels);
  // Starts anew.
  void Clear();
  // What is there, the last `most` pairs at most.
  PairSet Newest(int64_t most) const;

 private:
  torch::Tensor queries_, texts_, labels_, count_;
};
TORCH_MODULE(PairMemory);

}  // namespace lingula
