// Fits the prototypes of a bundle anew and writes it as its next version.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/cluster/prototypes.h"
#include "model/prototypes/pair_set.h"

namespace lingula {

enum class PrototypeLabels {
  kAuto,      // zones for chest X-rays, else clusters
  kZones,     // the lung zones of the data manifest
  kClusters,  // HDBSCAN over the captions' embeddings
};

struct PrototypesOptions {
  std::string bundle;      // folder, family prolearn
  std::string data;        // data manifest of the pairs; empty: `embeddings` has all
  std::string validation;  // data manifest for the hit rates; empty: the pairs themselves
  std::string out;         // gets <name>/<version + 1>/, prototypes.json, prototypes.md
  // Safetensors with "images" [n, query_dim], "texts" [n, response_dim] and, for labels that are
  // zones, "labels" [n, labels] of 0 and 1; instead of embedding `data`.
  std::string embeddings;
  std::string text_tower;  // as lingula-train leaves it; empty: beside the bundle's repository
  uint64_t seed = 0;
  int per_label = 0;  // prototypes of a label; 0: as many as the bundle has
  PrototypeRule rule = PrototypeRule::kMean;
  PrototypeLabels labels = PrototypeLabels::kAuto;
  int min_cluster_size = 15;
  int most_labels = 0;  // of clusters; 0: as many as the bundle has
  bool leave_out_noise = false;
  double text_percent = 100;  // of the pairs, by seed
  bool resume = false;        // takes <out>/embeddings.safetensors if it fits
  bool skip_broken = false;
};

struct PoolReport {
  int64_t pairs = 0;
  int64_t prototypes = 0;  // different ones
  double silhouette = 0;   // of the prototypes' clusters in the pool, sampled; NaN: one cluster
};

struct PrototypesReport {
  std::string bundle;  // folder of the new version
  int64_t pairs = 0;   // used
  int64_t pairs_there = 0;
  int64_t unlabelled = 0;  // of those used
  std::vector<PoolReport> pools;
  double text_silhouette = 0;  // of labels that are clusters, over texts; NaN for zones
  int clusters = 0;            // of HDBSCAN before merging; 0 for zones
  int64_t noise = 0;
  double near_duplicates = 0;  // share of prototypes with a twin in another pool
  std::string hits_on;
  HitTable hits;
  // Of one image on the processor, float32: from the encoder's features (or, where the query has a
  // tower of its own, from the image) to the query, and from there to the prototypes.
  double query_us = 0, retrieval_us = 0;
};

// Errors   INVALID_ARGUMENT, NOT_FOUND or FAILED_PRECONDITION saying what does not fit.
absl::StatusOr<PrototypesReport> MakePrototypes(const PrototypesOptions& options);

std::string ToJson(const PrototypesReport& report);
std::string ToMarkdown(const PrototypesReport& report);

}  // namespace lingula
