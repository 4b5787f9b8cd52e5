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

absl::Status CheckLabels(const PairEmbeddings& pairs, int labels) {
  for (size_t pair = 0; pair < pairs.labels.size(); ++pair) {
    int32_t least = 0;
    for (const int32_t label : pairs.labels[pair]) {
      if (label < least || label >= labels) {
        return absl::InvalidArgumentError(
            absl::StrCat("prototypes: pair ", pair, " has the label ", label,
                         "; labels must ascend and be from 0 to ", labels - 1));
      }
      least = label + 1;
    }
  }
  return absl::OkStatus();
}

absl::Status Check(const PairEmbeddings& pairs, absl::Span<const float> initial,
                   const PrototypeOptions& options) {
  const size_t n = pairs.labels.size();
  if (options.per_label < 1 || options.labels < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("prototypes: ", options.per_label, " for each of ", options.labels,
                     " labels asked for; at least 1 of both is needed"));
  }
  if (pairs.image.size() != n * pairs.image_width || pairs.text.size() != n * pairs.text_width) {
    return absl::InvalidArgumentError(absl::StrCat("prototypes: ", n, " pairs need ",
                                                   n * pairs.image_width, " image values and ",
                                                   n * pairs.text_width, " text values, got ",
                                                   pairs.image.size(), " and ", pairs.text.size()));
  }
  const size_t rows = static_cast<size_t>(options.labels) * options.per_label;
  if (initial.size() != rows * Width(pairs)) {
    return absl::InvalidArgumentError(absl::StrCat("prototypes: the initial matrix has ",
                                                   initial.size(), " values, not ", rows, " x ",
                                                   Width(pairs)));
  }
  if (!AllFinite(pairs.image) || !AllFinite(pairs.text)) {
    return absl::InvalidArgumentError("prototypes: an embedding has a value that is not finite");
  }
  return CheckLabels(pairs, options.labels);
}

// The joint vectors of a label's members.
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
    const Rows<float> first(pool.values().first(options.per_label * pool.width()), pool.width());
    return KMeans(pool, first, options.kmeans);
  }
  LINGULA_ASSIGN_OR_RETURN(const std::vector<float> seeds,
                           SeedCentres(pool, options.per_label, options.seed));
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

// The members nearest to the means in `rows`, in their place. A row that no member made stays: it
// copies one that some did.
void ReplaceByNearest(const Rows<float>& pool, const KMeansResult& clustering,
                      absl::Span<float> rows) {
  const size_t width = pool.width();
  std::vector<double> least(rows.size() / width, HUGE_VAL);
  std::vector<size_t> nearest(least.size());
  for (size_t i = 0; i < pool.count(); ++i) {
    const size_t cluster = clustering.labels[i];
    const absl::Span<const float> mean = rows.subspan(cluster * width, width);
    const double distance = SquaredDistance(pool[i], mean);
    if (distance < least[cluster]) {
      least[cluster] = distance;
      nearest[cluster] = i;
    }
  }
  for (size_t cluster = 0; cluster < least.size(); ++cluster) {
    if (std::isfinite(least[cluster])) {
      std::copy_n(pool[nearest[cluster]].begin(), width, rows.begin() + cluster * width);
    }
  }
}

// The pool's points in turn until the rows are full.
void WriteInTurn(const Rows<float>& pool, absl::Span<float> rows) {
  for (size_t at = 0; at < rows.size(); ++at) {
    rows[at] = pool.values()[at % pool.values().size()];
  }
}

// The pool of `label` and, in `rows` [M, width], its prototypes.
absl::StatusOr<PrototypePool> FitPool(const PairEmbeddings& pairs, int32_t label,
                                      const PrototypeOptions& options, absl::Span<float> rows) {
  PrototypePool fit;
  for (size_t pair = 0; pair < pairs.labels.size(); ++pair) {
    const LabelSet& labels = pairs.labels[pair];
    if (std::binary_search(labels.begin(), labels.end(), label)) {
      fit.members.push_back(pair);
    }
  }
  const std::vector<float> values = Pool(pairs, fit.members);
  const Rows<float> pool(values, Width(pairs));
  if (pool.count() >= static_cast<size_t>(options.per_label)) {
    LINGULA_ASSIGN_OR_RETURN(fit.clustering, Cluster(pool, options));
    fit.clusters = fit.clustering.labels;
    WriteMeans(pool, fit.clustering, rows);
    if (options.rule == PrototypeRule::kNearestMember) {
      ReplaceByNearest(pool, fit.clustering, rows);
    }
  } else if (pool.count() > 0) {
    for (size_t i = 0; i < pool.count(); ++i) {
      fit.clusters.push_back(static_cast<int32_t>(i));
    }
    WriteInTurn(pool, rows);
  }
  return fit;
}

}  // namespace

absl::StatusOr<PrototypeFit> FitPrototypes(const PairEmbeddings& pairs,
                                           absl::Span<const float> initial,
                                           const PrototypeOptions& options) {
  LINGULA_RETURN_IF_ERROR(Check(pairs, initial, options));
  PrototypeFit fit;
  fit.matrix.assign(initial.begin(), initial.end());
  const size_t size = options.per_label * Width(pairs);
  for (int32_t label = 0; label < options.labels; ++label) {
    LINGULA_ASSIGN_OR_RETURN(
        PrototypePool pool,
        FitPool(pairs, label, options, absl::Span<float>(fit.matrix.data() + label * size, size)));
    fit.pools.push_back(std::move(pool));
  }
  return fit;
}

}  // namespace lingula
