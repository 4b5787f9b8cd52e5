// Embedded pairs for lingula-prototypes: from a data manifest, or from a file of embeddings.
#pragma once

#include "absl/status/statusor.h"
#include "model/bundle/bundle.h"
#include "model/nets/prolearn/prolearn.h"
#include "model/prototypes/caption_tower.h"
#include "model/tools/prototypes.h"

namespace lingula {

// Pairs, those that are used to fit, and what is said of their labels.
struct EmbeddedPairs {
  PairSet used;   // as many as text_percent says
  PairSet shown;  // images for hit rates, with labels; texts are not looked at
  std::string shown_name;
  int64_t there = 0;  // pairs before text_percent
  int label_count = 0;
  int clusters = 0;  // of HDBSCAN before merging; 0 for zones
  int64_t noise = 0;
  double text_silhouette = 0;  // NaN for zones
};

bool LabelsAreZones(const PrototypesOptions& options, const bundle::v1::Manifest& manifest);

// Errors   as MakePrototypes.
absl::StatusOr<EmbeddedPairs> EmbedPairs(const PrototypesOptions& options, const Bundle& bundle,
                                         Prolearn& net);

}  // namespace lingula
