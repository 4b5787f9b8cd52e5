// Proxy labels for texts that have none: clusters of their embeddings (ProLearn, "Prototype-driven
// Semantic Approximation": HDBSCAN over text embeddings).
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "model/cluster/hdbscan.h"
#include "model/cluster/rows.h"

namespace lingula {

struct TextPoolOptions {
  HdbscanOptions hdbscan;
  int most = 6;             // pools; the smallest cluster joins its nearest until there are no more
  bool noise_joins = true;  // a text that HDBSCAN calls noise has the label of the nearest that is
                            // none; else it has no label
};

struct TextPools {
  std::vector<int32_t> labels;  // of each text, 0 the largest pool; -1: none
  int count = 0;                // pools
  int found = 0;                // clusters of HDBSCAN
  int64_t noise = 0;            // texts that were noise
};

// Errors   as Hdbscan; FAILED_PRECONDITION when all texts are noise; INVALID_ARGUMENT for most < 1.
absl::StatusOr<TextPools> PoolTexts(const Rows<float>& texts, const TextPoolOptions& options);

// The label of the text nearest to `text`, of equals the first; -1 where it has none. labels as in
// TextPools; `labelled_only` passes over texts without.
int32_t NearestLabel(const Rows<float>& texts, absl::Span<const int32_t> labels,
                     absl::Span<const float> text, bool labelled_only);

}  // namespace lingula
