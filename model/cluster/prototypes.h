// Prototypes of image-text pairs for each label of the texts (ProLearn, section "Prototype-driven
// Semantic Approximation"; docs/models.md, "ProLearn"), as the published code fits them.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/cluster/kmeans.h"

namespace lingula {

// Labels of one pair, ascending, each once: lung zones, or the cluster of its text. May be empty.
using LabelSet = std::vector<int32_t>;

// Embeddings of n pairs, row-major, and the labels of their texts.
struct PairEmbeddings {
  absl::Span<const float> image;  // [n, image_width]
  absl::Span<const float> text;   // [n, text_width]
  size_t image_width = 512;
  size_t text_width = 512;
  absl::Span<const LabelSet> labels;  // n; each label in [0, PrototypeOptions::labels)
};

enum class PrototypeStart {
  kSeeded,        // k-means++
  kFirstMembers,  // the first M pairs of the label
};

enum class PrototypeRule {
  kMean,           // mean of a cluster's members: the published code
  kNearestMember,  // the member nearest to that mean: the paper
};

struct PrototypeOptions {
  int labels = 6;      // pools
  int per_label = 16;  // M
  PrototypeStart start = PrototypeStart::kSeeded;
  PrototypeRule rule = PrototypeRule::kMean;
  uint64_t seed = 0;
  KMeansOptions kmeans;
};

struct PrototypePool {
  std::vector<size_t> members;    // the pairs of this label, in order
  std::vector<int32_t> clusters;  // of each member: its prototype, 0..M-1
  KMeansResult clustering;        // empty where there were fewer members than prototypes
};

struct PrototypeFit {
  std::vector<float> matrix;  // [labels, M, image_width + text_width]
  std::vector<PrototypePool> pools;
};

// Each label pools the joint vectors (image, then text; nothing normalised) of the pairs that have
// it; a pair with several labels enters several pools. K-means makes M clusters of a pool, and a
// prototype stands for a cluster. A label without pairs keeps its rows of `initial`
// [labels, M, width]. With fewer pairs than M, where the published code fails, every pair is a
// prototype and the rows repeat them in turn, so that no row answers with chance values.
// Errors   INVALID_ARGUMENT: sizes that disagree, labels or M < 1, a label out of range, a value
//          that is not finite.
absl::StatusOr<PrototypeFit> FitPrototypes(const PairEmbeddings& pairs,
                                           absl::Span<const float> initial,
                                           const PrototypeOptions& options);

}  // namespace lingula
