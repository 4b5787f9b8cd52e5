#include "model/nets/mobilenet_v2.h"

#include <algorithm>
#include <cmath>

namespace lingula {
namespace {

// The published table: expansion, channels, repeats, stride of the first.
struct Row {
  int64_t expansion, channels, repeats, stride;
};
constexpr Row kRows[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                         {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
// Rows after which strides 4, 8, 16 and 32 end.
constexpr int kFeatureRows[] = {1, 2, 4, 6};

int64_t Scale(double width, int64_t channels) {
  return std::max<int64_t>(8, std::llround(width * static_cast<double>(channels) / 8.0) * 8);
}

torch::nn::Conv2dOptions Conv(int64_t in, int64_t out, int64_t kernel, int64_t stride,
                              int64_t groups = 1) {
  return torch::nn::Conv2dOptions(in, out, kernel)
      .stride(stride)
      .padding(kernel / 2)
      .groups(groups);
}

}  // namespace

ConvUnit MobileNetV2::Add(const torch::nn::Conv2dOptions& options, Activation activation) {
  ConvUnit unit(options, activation);
  list_->push_back(unit);
  units_.push_back(unit);
  return unit;
}

MobileNetV2::MobileNetV2(double width) : list_(register_module("units", torch::nn::ModuleList())) {
  int64_t in = Scale(width, 32);
  Add(Conv(3, in, 3, 2), Activation::kRelu6);
  for (int row = 0; row < static_cast<int>(std::size(kRows)); ++row) {
    const Row& r = kRows[row];
    const int64_t out = Scale(width, r.channels);
    for (int64_t i = 0; i < r.repeats; ++i) {
      const int64_t stride = i == 0 ? r.stride : 1;
      const int64_t hidden = in * r.expansion;
      Block block;
      block.first = units_.size();
      if (r.expansion != 1) {
        Add(Conv(in, hidden, 1, 1), Activation::kRelu6);
      }
      Add(Conv(hidden, hidden, 3, stride, hidden), Activation::kRelu6);
      Add(Conv(hidden, out, 1, 1), Activation::kNone);
      block.count = units_.size() - block.first;
      block.residual = stride == 1 && in == out;
      blocks_.push_back(block);
      in = out;
    }
    const auto* feature = std::find(std::begin(kFeatureRows), std::end(kFeatureRows), row);
    if (feature != std::end(kFeatureRows)) {
      blocks_.back().feature = static_cast<int>(feature - std::begin(kFeatureRows));
      widths_[blocks_.back().feature] = in;
    }
  }
}

Features MobileNetV2::forward(const torch::Tensor& image) {
  return Walk(image, [](ConvUnit& unit, const torch::Tensor& x) { return unit(x); });
}

Features MobileNetV2::Walk(
    const torch::Tensor& image,
    const std::function<torch::Tensor(ConvUnit&, const torch::Tensor&)>& run) {
  Features features;
  auto x = run(units_[0], image);  // stride 2
  for (const Block& block : blocks_) {
    auto y = x;
    const size_t last = block.first + block.count - 1;
    for (size_t i = block.first; i < last; ++i) {
      y = run(units_[i], y);
    }
    if (block.residual && units_[last]->folded()) {
      x = units_[last]->AddTo(y, x);
    } else {
      y = run(units_[last], y);
      x = block.residual ? x + y : y;
    }
    if (block.feature >= 0) {
      features[block.feature] = x;
    }
  }
  return features;
}

void MobileNetV2::Fold(torch::ScalarType type, bool grey) {
  if (grey) {
    MergeInputChannels(units_[0]->conv());
  }
  for (ConvUnit& unit : units_) {
    unit->Fold(type);
  }
}

}  // namespace lingula
