// ProLearn's prototypes: what the image of each kind of report looks like, beside what such a
// report says (Ye et al., ICCV 2025, "Prototype-driven Semantic Approximation").
#pragma once

#include <torch/torch.h>

namespace lingula {

enum class Similarity {
  kCosine,     // <q, p> / ((|q| + 1e-8) (|p| + 1e-8))
  kEuclidean,  // -|q - p|
};

// How the retrieved prototypes answer.
enum class Response {
  // The text halves of the k nearest, nearest first, unweighted: what the published code does and
  // what its checkpoints were trained with.
  kTokens,
  // Their sum, weighted by softmax over the k similarities: the paper's r*. It is one vector, and
  // the network reads k tokens (its text_project mixes k of them); so r* is repeated k times,
  // which keeps every tensor of a published checkpoint in use, and lets one manifest line switch
  // the rule. A text_project for one token would refuse such checkpoints.
  kWeightedSum,
};

struct PrototypeMemoryOptions {
  int64_t labels = 6, prototypes = 16;  // prototypes of each label
  int64_t query_dim = 512, response_dim = 512;
  int64_t top_k = 3;
  Similarity similarity = Similarity::kCosine;
  Response response = Response::kTokens;
};

struct Retrieval {
  torch::Tensor scores;    // [B, labels * prototypes], row = label * prototypes + prototype
  torch::Tensor rows;      // [B, k] int64, the nearest first; of equals the lower row
  torch::Tensor values;    // [B, k], their scores
  torch::Tensor response;  // [B, k, response_dim]
};

// Parameter matrix [labels, prototypes, query_dim + response_dim]: image half, text half. Both
// halves are used as they are stored, not normalised.
class PrototypeMemoryImpl : public torch::nn::Module {
 public:
  explicit PrototypeMemoryImpl(const PrototypeMemoryOptions& options);
  // embedding [B, query_dim]. Computes in float32 whatever the rest of the network does: the gaps
  // between ranks can be smaller than bfloat16 resolves.
  Retrieval forward(const torch::Tensor& embedding);
  // What the k prototypes behind the nearest k answer to the samples at `places` of `first`; 2k of
  // them must be there.
  Retrieval Next(const Retrieval& first, const torch::Tensor& places);
  torch::Tensor& matrix() { return matrix_; }
  // Takes copies of the halves, before the owner converts its parameters. Cannot be undone.
  void Fold();

 private:
  torch::Tensor Scores(const torch::Tensor& embedding) const;
  // The prototypes of ranks `from` to `from` + k by `scores`.
  Retrieval Ranked(const torch::Tensor& scores, int64_t from);

  const PrototypeMemoryOptions options_;
  torch::Tensor matrix_;
  // Folded: [labels * prototypes, query_dim or response_dim]; of length 1 for cosines.
  torch::Tensor keys_, texts_;
};
TORCH_MODULE(PrototypeMemory);

}  // namespace lingula
