#include "model/image/enlarge.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "model/base/clones.h"

namespace lingula {
namespace {

LINGULA_CLONES void Mix(const float* first, const float* second, float weight, int count,
                        float* out) {
  for (int i = 0; i < count; ++i) {
    out[i] = first[i] * (1 - weight) + second[i] * weight;
  }
}

LINGULA_CLONES void Stretch(const float* from, const int* first, const int* second,
                            const float* weight, int count, float* out) {
  for (int i = 0; i < count; ++i) {
    out[i] = from[first[i]] * (1 - weight[i]) + from[second[i]] * weight[i];
  }
}

}  // namespace

EnlargedRows::Between EnlargedRows::At(int i, int from, int to) {
  const double scale = static_cast<double>(from) / to;
  const auto place = static_cast<float>((i + 0.5) * scale - 0.5);
  const float below = std::floor(place);
  const int first = static_cast<int>(below);
  return {std::clamp(first, 0, from - 1), std::clamp(first + 1, 0, from - 1), place - below};
}

EnlargedRows::EnlargedRows(cv::Mat map, cv::Size size) : map_(std::move(map)), size_(size) {
  if (size == map_.size()) {
    return;  // rows are handed out as they are
  }
  for (int x = 0; x < size.width; ++x) {
    const Between between = At(x, map_.cols, size.width);
    columns_.first.push_back(between.first);
    columns_.second.push_back(between.second);
    columns_.weight.push_back(between.weight);
  }
  for (Stretched& row : stretched_) {
    row.values.resize(size.width);
  }
  row_.resize(size.width);
}

// Row `source` stretched to the width. Two are kept, so that each is stretched once on the way
// down; the one that makes room is not `keep`.
const std::vector<float>& EnlargedRows::Across(int source, int keep) {
  for (const Stretched& row : stretched_) {
    if (row.source == source) {
      return row.values;
    }
  }
  Stretched& row = stretched_[stretched_[0].source == keep ? 1 : 0];
  row.source = source;
  Stretch(map_.ptr<float>(source), columns_.first.data(), columns_.second.data(),
          columns_.weight.data(), size_.width, row.values.data());
  return row.values;
}

const float* EnlargedRows::Row(int y) {
  if (size_ == map_.size()) {
    return map_.ptr<float>(y);
  }
  const Between rows = At(y, map_.rows, size_.height);
  const std::vector<float>& first = Across(rows.first, rows.second);
  if (rows.first == rows.second) {
    return first.data();
  }
  const std::vector<float>& second = Across(rows.second, rows.first);
  Mix(first.data(), second.data(), rows.weight, size_.width, row_.data());
  return row_.data();
}

}  // namespace lingula
