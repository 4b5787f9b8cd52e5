// BERT encoder (Devlin et al. 2019) with Hugging Face's state dict names; the text tower of SGSeg
// and of BiomedCLIP.
#pragma once

#include <string>
#include <vector>

#include "model/nets/conv_unit.h"

namespace lingula {

struct BertOptions {
  int64_t vocabulary = 30522;
  int64_t positions = 512;
  int64_t hidden = 768;
  int64_t heads = 12;
  int64_t layers = 12;
  int64_t feed_forward = 3072;
  double dropout = 0.25;      // CXR-BERT's, for hidden states and attention; BiomedCLIP's is 0.1
  std::string root = "bert";  // names start with it; empty: with "embeddings" and "encoder"
};

class BertImpl : public torch::nn::Module {
 public:
  explicit BertImpl(const BertOptions& options);

  // ids [B, L] int64; mask [B, L], 0 at padding, which is attended to by nobody.
  // Returns the last hidden state of every position [B, L, hidden].
  torch::Tensor forward(const torch::Tensor& ids, const torch::Tensor& mask);
  // Prepares for inference in `type`. Cannot be undone.
  void Fold(torch::ScalarType type);

 private:
  struct Layer {
    LinearUnit query{nullptr}, key{nullptr}, value{nullptr}, attention_out{nullptr}, widen{nullptr},
        narrow{nullptr};
    torch::nn::LayerNorm attention_norm{nullptr}, out_norm{nullptr};
    FusedLinear query_key_value;  // folded: the three in one
  };
  torch::Tensor Attend(Layer& layer, const torch::Tensor& x, const torch::Tensor& mask);

  const BertOptions options_;
  torch::nn::Embedding words_{nullptr}, positions_{nullptr}, types_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
  std::vector<Layer> layers_;
};
TORCH_MODULE(Bert);

}  // namespace lingula
