#include "model/train/pair_memory.h"

#include <algorithm>

#include "model/train/pair_labels.h"

namespace lingula {

PairMemoryImpl::PairMemoryImpl(int64_t capacity, int64_t query_dim, int64_t response_dim,
                               int64_t labels)
    : queries_(register_buffer("queries", torch::zeros({capacity, query_dim}))),
      texts_(register_buffer("texts", torch::zeros({capacity, response_dim}))),
      labels_(register_buffer("labels", torch::zeros({capacity, labels}, torch::kUInt8))),
      count_(register_buffer("count", torch::zeros({}, torch::kInt64))) {}

void PairMemoryImpl::Add(const torch::Tensor& queries, const torch::Tensor& texts,
                         const std::vector<LabelSet>& labels) {
  const torch::NoGradGuard no_grad;
  const int64_t first = count_.item<int64_t>(), capacity = queries_.size(0);
  std::vector<int64_t> from, to;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (!labels[i].empty()) {
      to.push_back((first + static_cast<int64_t>(from.size())) % capacity);
      from.push_back(static_cast<int64_t>(i));
    }
  }
  if (from.empty()) {
    return;
  }
  const auto device = queries_.device();
  const auto rows = torch::tensor(from, torch::kInt64).to(device);
  const auto places = torch::tensor(to, torch::kInt64).to(device);
  const auto put = [&](torch::Tensor& ring, const torch::Tensor& values) {
    ring.index_copy_(0, places, values.detach().to(ring.options()).index_select(0, rows));
  };
  put(queries_, queries);
  put(texts_, texts);
  put(labels_, LabelBits(labels, labels_.size(1)));
  count_.add_(static_cast<int64_t>(from.size()));
}

void PairMemoryImpl::Clear() {
  count_.zero_();
}

PairSet PairMemoryImpl::Newest(int64_t most) const {
  const int64_t count = count_.item<int64_t>(), capacity = queries_.size(0);
  const int64_t kept = std::min({count, capacity, most});
  const auto places = torch::remainder(torch::arange(count - kept, count, torch::kInt64), capacity)
                          .to(queries_.device());
  const auto take = [&](const torch::Tensor& ring) {
    return ring.index_select(0, places).to(torch::kCPU);
  };
  return {take(queries_), take(texts_), LabelSets(take(labels_))};
}

}  // namespace lingula
