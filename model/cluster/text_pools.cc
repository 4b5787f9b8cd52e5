#include "model/cluster/text_pools.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

std::vector<int64_t> SizesOf(const std::vector<int32_t>& labels, int count) {
  std::vector<int64_t> sizes(count, 0);
  for (const int32_t label : labels) {
    if (label >= 0) {
      ++sizes[label];
    }
  }
  return sizes;
}

// Means of the clusters [count, width]; zeros where a cluster is empty.
std::vector<double> MeansOf(const Rows<float>& texts, const std::vector<int32_t>& labels,
                            const std::vector<int64_t>& sizes) {
  std::vector<double> means(sizes.size() * texts.width(), 0);
  for (size_t i = 0; i < texts.count(); ++i) {
    for (size_t k = 0; labels[i] >= 0 && k < texts.width(); ++k) {
      means[labels[i] * texts.width() + k] +=
          static_cast<double>(texts[i][k]) / static_cast<double>(sizes[labels[i]]);
    }
  }
  return means;
}

// The smallest cluster that is not empty joins the one whose mean is nearest to its own.
void MergeSmallest(const Rows<float>& texts, std::vector<int32_t>& labels, int count) {
  const std::vector<int64_t> sizes = SizesOf(labels, count);
  const std::vector<double> values = MeansOf(texts, labels, sizes);
  const Rows<double> means(values, texts.width());
  int32_t smallest = -1;
  for (int32_t c = 0; c < count; ++c) {
    if (sizes[c] > 0 && (smallest < 0 || sizes[c] < sizes[smallest])) {
      smallest = c;
    }
  }
  double least = HUGE_VAL;
  int32_t nearest = -1;
  for (int32_t c = 0; c < count; ++c) {
    if (c == smallest || sizes[c] == 0) {
      continue;
    }
    if (const double distance = SquaredDistance(means[smallest], means[c]); distance < least) {
      least = distance;
      nearest = c;
    }
  }
  std::replace(labels.begin(), labels.end(), smallest, nearest);
}

// Renumbers, the largest pool first; returns how many there are.
int SortBySize(std::vector<int32_t>& labels, int count) {
  const std::vector<int64_t> sizes = SizesOf(labels, count);
  std::vector<int32_t> order(count), names(count);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int32_t a, int32_t b) { return sizes[a] > sizes[b]; });
  for (int32_t i = 0; i < count; ++i) {
    names[order[i]] = i;
  }
  for (int32_t& label : labels) {
    label = label < 0 ? label : names[label];
  }
  return static_cast<int>(
      std::count_if(sizes.begin(), sizes.end(), [](int64_t size) { return size > 0; }));
}

}  // namespace

absl::StatusOr<TextPools> PoolTexts(const Rows<float>& texts, const TextPoolOptions& options) {
  if (options.most < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("text pools: at most ", options.most, " asked for; 1 or more are needed"));
  }
  LINGULA_ASSIGN_OR_RETURN(HdbscanResult clusters, Hdbscan(texts, options.hdbscan));
  TextPools pools;
  pools.labels = std::move(clusters.labels);
  pools.found = 1 + *std::max_element(pools.labels.begin(), pools.labels.end());
  pools.noise = std::count(pools.labels.begin(), pools.labels.end(), -1);
  if (pools.found == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("text pools: HDBSCAN calls all ", texts.count(),
                     " texts noise; a smaller min_cluster_size than ",
                     options.hdbscan.min_cluster_size, " may find clusters"));
  }
  if (options.noise_joins) {
    const std::vector<int32_t> clustered = pools.labels;
    for (size_t i = 0; i < texts.count(); ++i) {
      if (clustered[i] < 0) {
        pools.labels[i] = NearestLabel(texts, clustered, texts[i], true);
      }
    }
  }
  for (int left = pools.found; left > options.most; --left) {
    MergeSmallest(texts, pools.labels, pools.found);
  }
  pools.count = SortBySize(pools.labels, pools.found);
  return pools;
}

int32_t NearestLabel(const Rows<float>& texts, absl::Span<const int32_t> labels,
                     absl::Span<const float> text, bool labelled_only) {
  double least = HUGE_VAL;
  int32_t nearest = -1;
  for (size_t i = 0; i < texts.count(); ++i) {
    if (labelled_only && labels[i] < 0) {
      continue;
    }
    if (const double distance = SquaredDistance(texts[i], text); distance < least) {
      least = distance;
      nearest = labels[i];
    }
  }
  return nearest;
}

}  // namespace lingula
