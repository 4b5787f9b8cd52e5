#include "model/cluster/prototypes.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

size_t Width(const PairEmbeddings& pairs) {
  return pairs.image_width + pairs.text_width;
}

bool AllFinite(absl::Span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

absl::Status Check(const PairEmbeddings& pairs, absl::Span<const float> initial, int per_zone) {
  const size_t n = pairs.zones.size();
  if (per_zone < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("prototypes: ", per_zone, " a zone asked for; at least 1 is needed"));
  }
  if (pairs.image.size() != n * pairs.image_width || pairs.text.size() != n * pairs.text_width) {
    return absl::InvalidArgumentError(absl::StrCat("prototypes: ", n, " pairs need ",
                                                   n * pairs.image_width, " image values and ",
                                                   n * pairs.text_width, " text values, got ",
                                                   pairs.image.size(), " and ", pairs.text.size()));
  }
  const size_t rows = kZones * static_cast<size_t>(per_zone);
  if (initial.size() != rows * Width(pairs)) {
    return absl::InvalidArgumentError(absl::StrCat("prototypes: the initial matrix has ",
                                                   initial.size(), " values, not ", rows, " x ",
                                                   Width(pairs)));
  }
  if (!AllFinite(pairs.image) || !AllFinite(pairs.text)) {
    return absl::InvalidArgumentError("prototypes: an embedding has a value that is not finite");
  }
  return absl::OkStatus();
}

// The joint vectors of a zone's members.
std::vector<float> Pool(const PairEmbeddings& pairs, const std::vector<size_t>& members) {
  std::vector<float> pool;
  pool.reserve(members.size() * Width(pairs));
  for (const size_t pair : members) {
    const auto image = pairs.image.subspan(pair * pairs.image_width, pairs.image_width);
    const auto text = pairs.text.subspan(pair * pairs.text_width, pairs.text_width);
    pool.insert(pool.end(), image.begin(), image.end());
    pool.insert(pool.end(), text.begin(), text.end());
  }
  return pool;
}

absl::StatusOr<KMeansResult> Cluster(const Rows<float>& pool, const PrototypeOptions& options) {
  if (options.start == PrototypeStart::kFirstMembers) {
    const Rows<float> first(pool.values().first(options.per_zone * pool.width()), pool.width());
    return KMeans(pool, first, options.kmeans);
  }
  LINGULA_ASSIGN_OR_RETURN(const std::vector<float> seeds,
                           SeedCentres(pool, options.per_zone, options.seed));
  return KMeans(pool, Rows<float>(seeds, pool.width()), options.kmeans);
}

// Means of the members, or the centre where a cluster has none (more prototypes than different
// pairs), into `rows` [M, width].
void WriteMeans(const Rows<float>& pool, const KMeansResult& clustering, absl::Span<float> rows) {
  std::vector<double> sums(rows.size(), 0);
  std::vector<int64_t> sizes(rows.size() / pool.width(), 0);
  for (size_t i = 0; i < pool.count(); ++i) {
    const size_t cluster = clustering.labels[i];
    ++sizes[cluster];
    for (size_t k = 0; k < pool.width(); ++k) {
      sums[cluster * pool.width() + k] += static_cast<double>(pool[i][k]);
    }
  }
  for (size_t at = 0; at < rows.size(); ++at) {
    const int64_t size = sizes[at / pool.width()];
    rows[at] = static_cast<float>(size > 0 ? sums[at] / static_cast<double>(size)
                                           : clustering.centres[at]);
  }
}

// The pool's points in turn until the rows are full.
void WriteInTurn(const Rows<float>& pool, absl::Span<float> rows) {
  for (size_t at = 0; at < rows.size(); ++at) {
    rows[at] = pool.values()[at % pool.values().size()];
  }
}

}  // namespace

absl::StatusOr<PrototypeFit> FitPrototypes(const PairEmbeddings& pairs,
                                           absl::Span<const float> initial,
                                           const PrototypeOptions& options) {
  LINGULA_RETURN_IF_ERROR(Check(pairs, initial, options.per_zone));
  PrototypeFit fit;
  fit.matrix.assign(initial.begin(), initial.end());
  fit.zones.resize(kZones);
  const size_t zone_size = options.per_zone * Width(pairs);
  for (int z = 0; z < kZones; ++z) {
    ZonePrototypes& zone = fit.zones[z];
    for (size_t pair = 0; pair < pairs.zones.size(); ++pair) {
      if (pairs.zones[pair][z]) {
        zone.members.push_back(pair);
      }
    }
    const std::vector<float> values = Pool(pairs, zone.members);
    const Rows<float> pool(values, Width(pairs));
    const absl::Span<float> rows(fit.matrix.data() + z * zone_size, zone_size);
    if (pool.count() >= static_cast<size_t>(options.per_zone)) {
      LINGULA_ASSIGN_OR_RETURN(zone.clustering, Cluster(pool, options));
      zone.labels = zone.clustering.labels;
      WriteMeans(pool, zone.clustering, rows);
    } else if (pool.count() > 0) {
      for (size_t i = 0; i < pool.count(); ++i) {
        zone.labels.push_back(static_cast<int32_t>(i));
      }
      WriteInTurn(pool, rows);
    }
  }
  return fit;
}

}  // namespace lingula
