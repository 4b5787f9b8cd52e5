// Embedded image-text pairs, and the prototypes that are made of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "absl/status/statusor.h"
#include "model/cluster/prototypes.h"
#include "model/nets/prolearn/prototype_memory.h"

namespace lingula {

// float32, on the CPU.
struct PairSet {
  torch::Tensor queries;  // [n, query_dim]
  torch::Tensor texts;    // [n, response_dim]
  std::vector<LabelSet> labels;

  int64_t size() const { return queries.size(0); }
};

// Rows with the length of the square root of their width, as a layer norm gives them: halves of a
// pair then weigh alike, and neither is small beside position codes. Zeros stay.
torch::Tensor OfEqualLength(const torch::Tensor& rows);

// Whether halves had equal lengths is a fact about a bundle's prototypes, whose decoder learned
// with them: it stands in the metadata of their file.
std::map<std::string, std::string> LengthsMetadata(bool equal);
bool HasEqualLengths(const std::map<std::string, std::string>& metadata);

// FitPrototypes of the pairs; `matrix` [labels, M, query_dim + response_dim] gives the sizes and
// takes the prototypes. Rows of labels without pairs get zeros for an image half, so that no query
// prefers them to a prototype which points its way. Errors   as FitPrototypes.
absl::StatusOr<PrototypeFit> FitMatrix(const PairSet& pairs, PrototypeOptions options,
                                       torch::Tensor& matrix);

// How often what is retrieved has a label of the pair.
struct RetrievalHits {
  int64_t images = 0;
  double first = 0;  // share of images whose nearest prototype has one of their labels
  double any = 0;    // share with at least one such among the k nearest
  double all = 0;    // share whose k nearest all have one
};

// Of the pairs with a label; by_label[l] counts those with label l. k from `retrieval`, rows as in
// Retrieval with M = per_label.
struct HitTable {
  RetrievalHits all;
  std::vector<RetrievalHits> by_label;
};
HitTable CountHits(const Retrieval& retrieval, const std::vector<LabelSet>& labels,
                   int64_t label_count, int64_t per_label);

// Share of prototypes with a twin in another pool: image halves whose cosine is at least 0.99.
// Labels without pairs are passed over.
double NearDuplicateShare(const torch::Tensor& matrix, int64_t query_dim, const PrototypeFit& fit);

}  // namespace lingula
