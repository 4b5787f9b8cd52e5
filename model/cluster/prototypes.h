// Prototypes of image-text pairs for each lung zone (ProLearn, section "Prototype-driven Semantic
// Approximation"; docs/models.md, "ProLearn"), as the published code fits them.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/base/zones.h"
#include "model/cluster/kmeans.h"

namespace lingula {

// Embeddings of n pairs, row-major, and the zones that their texts name.
struct PairEmbeddings {
  absl::Span<const float> image;  // [n, image_width]
  absl::Span<const float> text;   // [n, text_width]
  size_t image_width = 512;
  size_t text_width = 512;
  absl::Span<const ZoneBits> zones;  // n
};

enum class PrototypeStart {
  kSeeded,        // k-means++
  kFirstMembers,  // the first M pairs of the zone
};

struct PrototypeOptions {
  int per_zone = 16;  // M
  PrototypeStart start = PrototypeStart::kSeeded;
  uint64_t seed = 0;
  KMeansOptions kmeans;
};

struct ZonePrototypes {
  std::vector<size_t> members;  // the pairs of this zone, in order
  std::vector<int32_t> labels;  // of each member: its prototype, 0..M-1
  KMeansResult clustering;      // empty where there were fewer members than prototypes
};

struct PrototypeFit {
  std::vector<float> matrix;  // [kZones, M, image_width + text_width]
  std::vector<ZonePrototypes> zones;
};

// Each zone pools the joint vectors (image, then text; nothing normalised) of the pairs that name
// it; a pair with several zones enters several pools. K-means makes M clusters of a pool, and a
// prototype is the mean of its members. A zone without pairs keeps its rows of `initial`
// [kZones, M, width]. With fewer pairs than M, where the published code fails, every pair is a
// prototype and the rows repeat them in turn, so that no row answers with chance values.
// Errors   INVALID_ARGUMENT: sizes that disagree, M < 1, a value that is not finite.
absl::StatusOr<PrototypeFit> FitPrototypes(const PairEmbeddings& pairs,
                                           absl::Span<const float> initial,
                                           const PrototypeOptions& options);

}  // namespace lingula
