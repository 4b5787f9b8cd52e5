#include "model/prototypes/pair_set.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "model/base/status_macros.h"

namespace lingula {
namespace {

constexpr double kTwinCosine = 0.99;
constexpr char kLengths[] = "lengths", kEqual[] = "equal";

absl::Span<const float> Values(const torch::Tensor& rows) {
  return absl::MakeConstSpan(rows.data_ptr<float>(), static_cast<size_t>(rows.numel()));
}

bool Has(const LabelSet& labels, int64_t label) {
  return std::binary_search(labels.begin(), labels.end(), static_cast<int32_t>(label));
}

void Add(RetrievalHits& hits, bool first, bool any, bool all) {
  ++hits.images;
  hits.first += first ? 1 : 0;
  hits.any += any ? 1 : 0;
  hits.all += all ? 1 : 0;
}

void Divide(RetrievalHits& hits) {
  const double images = static_cast<double>(std::max<int64_t>(1, hits.images));
  hits.first /= images;
  hits.any /= images;
  hits.all /= images;
}

}  // namespace

torch::Tensor OfEqualLength(const torch::Tensor& rows) {
  const auto x = rows.to(torch::kFloat32);
  const double length = std::sqrt(static_cast<double>(x.size(-1)));
  return x * (length / x.norm(2, -1, true).clamp_min(1e-12));
}

std::map<std::string, std::string> LengthsMetadata(bool equal) {
  return {{kLengths, equal ? kEqual : "as they are"}};
}

bool HasEqualLengths(const std::map<std::string, std::string>& metadata) {
  const auto found = metadata.find(kLengths);
  return found != metadata.end() && found->second == kEqual;
}

absl::StatusOr<PrototypeFit> FitMatrix(const PairSet& pairs, PrototypeOptions options,
                                       torch::Tensor& matrix) {
  const torch::NoGradGuard no_grad;
  const auto queries = pairs.queries.contiguous(), texts = pairs.texts.contiguous();
  PairEmbeddings embeddings;
  embeddings.image = Values(queries);
  embeddings.text = Values(texts);
  embeddings.image_width = queries.size(1);
  embeddings.text_width = texts.size(1);
  embeddings.labels = pairs.labels;
  options.labels = static_cast<int>(matrix.size(0));
  options.per_label = static_cast<int>(matrix.size(1));
  const std::vector<float> initial(matrix.numel(), 0);
  LINGULA_ASSIGN_OR_RETURN(PrototypeFit fit, FitPrototypes(embeddings, initial, options));
  matrix.copy_(torch::tensor(fit.matrix).view(matrix.sizes()));
  return fit;
}

HitTable CountHits(const Retrieval& retrieval, const std::vector<LabelSet>& labels,
                   int64_t label_count, int64_t per_label) {
  HitTable table;
  table.by_label.resize(label_count);
  const auto found =
      torch::div(retrieval.rows, per_label, "floor").to(torch::kCPU).contiguous();  // labels
  const auto values = found.accessor<int64_t, 2>();
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i].empty()) {
      continue;
    }
    const auto row = values[static_cast<int64_t>(i)];
    bool any = false, all = true;
    for (int64_t k = 0; k < row.size(0); ++k) {
      const bool hit = Has(labels[i], row[k]);
      any |= hit;
      all &= hit;
    }
    const bool first = Has(labels[i], row[0]);
    Add(table.all, first, any, all);
    for (const int32_t label : labels[i]) {
      Add(table.by_label[label], first, any, all);
    }
  }
  Divide(table.all);
  for (RetrievalHits& hits : table.by_label) {
    Divide(hits);
  }
  return table;
}

double NearDuplicateShare(const torch::Tensor& matrix, int64_t query_dim, const PrototypeFit& fit) {
  const auto keys = OfEqualLength(matrix.narrow(2, 0, query_dim).flatten(0, 1));
  const auto cosines = (keys.matmul(keys.t()) / static_cast<double>(query_dim)).contiguous();
  const auto values = cosines.accessor<float, 2>();
  const int64_t per_label = matrix.size(1);
  int64_t prototypes = 0, twins = 0;
  for (int64_t i = 0; i < keys.size(0); ++i) {
    if (fit.pools[i / per_label].members.empty()) {
      continue;
    }
    bool twin = false;
    for (int64_t k = 0; k < keys.size(0); ++k) {
      twin |= i / per_label != k / per_label && values[i][k] >= kTwinCosine;
    }
    ++prototypes;
    twins += twin ? 1 : 0;
  }
  return prototypes == 0 ? 0 : static_cast<double>(twins) / static_cast<double>(prototypes);
}

}  // namespace lingula
