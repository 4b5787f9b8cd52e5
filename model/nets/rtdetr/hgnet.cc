#include "model/nets/rtdetr/hgnet.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace lingula {
namespace {

constexpr int kUnits = 6;  // of a block

ConvUnit Depthwise(int64_t channels, int64_t kernel, Activation activation, int64_t stride) {
  return ConvUnit(torch::nn::Conv2dOptions(channels, channels, kernel)
                      .stride(stride)
                      .padding(kernel / 2)
                      .groups(channels),
                  activation);
}

ConvUnit Corner(int64_t in, int64_t out) {  // 2x2 over a map that PadCorner has padded
  return ConvUnit(torch::nn::Conv2dOptions(in, out, 2), Activation::kRelu);
}

// One column of zeros on the right and one row below.
torch::Tensor PadCorner(const torch::Tensor& x) {
  return torch::constant_pad_nd(x, {0, 1, 0, 1});
}

}  // namespace

HgNetWidths::HgNetWidths(double width) {
  const auto scale = [width](int64_t published) {
    return std::max<int64_t>(8, std::llround(width * static_cast<double>(published) / 8) * 8);
  };
  stem1 = scale(32);
  stem2 = scale(16);
  stem = scale(48);
  middle1 = scale(48);
  middle2 = scale(96);
  middle3 = scale(192);
  middle4 = scale(384);
  block1 = scale(128);
  s3 = scale(512);
  s4 = scale(1024);
  s5 = scale(2048);
}

HgStemImpl::HgStemImpl(const HgNetWidths& w)
    : stem1_(register_module("stem1", SameUnit(3, w.stem1, 3, Activation::kRelu, 2))),
      stem2a_(register_module("stem2a", Corner(w.stem1, w.stem2))),
      stem2b_(register_module("stem2b", Corner(w.stem2, w.stem1))),
      stem3_(register_module("stem3", SameUnit(2 * w.stem1, w.stem1, 3, Activation::kRelu, 2))),
      stem4_(register_module("stem4", SameUnit(w.stem1, w.stem, 1, Activation::kRelu))) {}

torch::Tensor HgStemImpl::forward(const torch::Tensor& image) {
  const auto x = PadCorner(stem1_(image));
  const auto convolved = stem2b_(PadCorner(stem2a_(x)));
  const auto pooled = torch::max_pool2d(x, 2, 1);
  return stem4_(stem3_(torch::cat({pooled, convolved}, 1)));
}

void HgStemImpl::Fold(torch::ScalarType type, bool grey) {
  if (grey) {
    MergeInputChannels(stem1_->conv());
  }
  for (ConvUnit* unit : {&stem1_, &stem2a_, &stem2b_, &stem3_, &stem4_}) {
    (*unit)->Fold(type);
  }
}

HgBlockImpl::HgBlockImpl(const HgBlockOptions& o)
    : residual_(o.residual),
      sc_(SameUnit(o.in + kUnits * o.middle, o.out / 2, 1, Activation::kRelu)),
      ec_(SameUnit(o.out / 2, o.out, 1, Activation::kRelu)) {
  auto chain = register_module("m", torch::nn::Sequential());
  for (int i = 0; i < kUnits; ++i) {
    const auto name = std::to_string(i);
    const int64_t in = i == 0 ? o.in : o.middle;
    if (!o.light) {
      units_.push_back({SameUnit(in, o.middle, o.kernel, Activation::kRelu)});
      chain->register_module(name, units_.back()[0]);
      continue;
    }
    units_.push_back({SameUnit(in, o.middle, 1, Activation::kNone),
                      Depthwise(o.middle, o.kernel, Activation::kRelu, 1)});
    auto light = chain->register_module(name, torch::nn::Sequential());
    light->register_module("conv1", units_.back()[0]);
    light->register_module("conv2", units_.back()[1]);
  }
  register_module("sc", sc_);
  register_module("ec", ec_);
}

torch::Tensor HgBlockImpl::forward(const torch::Tensor& x) {
  std::vector<torch::Tensor> maps{x};
  for (auto& unit : units_) {
    auto y = maps.back();
    for (auto& convolution : unit) {
      y = convolution(y);
    }
    maps.push_back(y);
  }
  const auto y = ec_(sc_(torch::cat(maps, 1)));
  return residual_ ? y + x : y;
}

void HgBlockImpl::Fold(torch::ScalarType type) {
  for (auto& unit : units_) {
    for (auto& convolution : unit) {
      convolution->Fold(type);
    }
  }
  sc_->Fold(type);
  ec_->Fold(type);
}

HgNetImpl::HgNetImpl(const HgNetWidths& w) : stem_(register_module("hgstem", HgStem(w))) {
  const HgBlockOptions blocks[] = {
      {w.stem, w.middle1, w.block1, 3, false, false}, {w.block1, w.middle2, w.s3, 3, false, false},
      {w.s3, w.middle3, w.s4, 5, true, false},        {w.s4, w.middle3, w.s4, 5, true, true},
      {w.s4, w.middle3, w.s4, 5, true, true},         {w.s4, w.middle4, w.s5, 5, true, false}};
  for (const HgBlockOptions& options : blocks) {
    blocks_.push_back(
        register_module("hgblock_" + std::to_string(blocks_.size() + 1), HgBlock(options)));
  }
  for (const int64_t channels : {w.block1, w.s3, w.s4}) {
    down_.push_back(register_module("dwconv_" + std::to_string(down_.size() + 1),
                                    Depthwise(channels, 3, Activation::kNone, 2)));
  }
}

HgNetMaps HgNetImpl::forward(const torch::Tensor& image) {
  HgNetMaps maps;
  maps.stem = stem_(image.contiguous(torch::MemoryFormat::ChannelsLast));
  maps.hgblock_1 = blocks_[0](maps.stem);
  maps.s3 = blocks_[1](down_[0](maps.hgblock_1));
  maps.s4 = blocks_[4](blocks_[3](blocks_[2](down_[1](maps.s3))));
  maps.s5 = blocks_[5](down_[2](maps.s4));
  return maps;
}

void HgNetImpl::Fold(torch::ScalarType type, bool grey) {
  stem_->Fold(type, grey);
  for (auto& block : blocks_) {
    block->Fold(type);
  }
  for (auto& unit : down_) {
    unit->Fold(type);
  }
}

}  // namespace lingula
