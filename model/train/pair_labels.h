// The labels of training pairs: lung zones, or the cluster of the caption.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lingula/train/v1/recipe.pb.h"
#include "model/base/zones.h"
#include "model/cluster/prototypes.h"
#include "model/cluster/text_pools.h"
#include "model/train/augment.h"

namespace lingula {

class PairLabeller {
 public:
  // Labels are the zones of a batch.
  PairLabeller() = default;
  // Labels are the clusters of `texts`, the embeddings [n, response_dim] of all training captions
  // in float32 on the CPU. Errors   as PoolTexts.
  static absl::StatusOr<PairLabeller> OfClusters(const torch::Tensor& texts,
                                                 const train::v1::Recipe& recipe);

  int count() const { return count_; }               // labels there are
  const TextPools& pools() const { return pools_; }  // clusters only
  // "4 pools of 7 clusters; 12 of 750 captions were noise".
  std::string Describe() const;
  // Clusters only: the label of a text, that of the nearest labelled caption. text [response_dim].
  LabelSet Nearest(const torch::Tensor& text) const;
  // For each sample of a batch; none for samples without caption. texts [B, response_dim], float32
  // on the CPU, are the embeddings of their captions, read only where labels are clusters.
  std::vector<LabelSet> For(const TrainBatch& batch, const std::vector<std::string>& captions,
                            const torch::Tensor& texts) const;

 private:
  int count_ = kZones;
  torch::Tensor texts_;  // clusters only
  TextPools pools_;
};

// 0 and 1, float32 [n, count].
torch::Tensor LabelBits(const std::vector<LabelSet>& labels, int64_t count);
std::vector<LabelSet> LabelSets(const torch::Tensor& bits);

}  // namespace lingula
