#include "model/parity/formula_fill.h"

#include <cmath>

#include "absl/strings/match.h"

namespace lingula {
namespace {

using absl::EndsWith;
using absl::StartsWith;

// Value `index` of the SplitMix64 sequence that starts at `state`, in [-1, 1).
double Uniform(uint64_t state, uint64_t index) {
  uint64_t z = state + (index + 1) * 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1p-52 - 1;
}

double Gain(const std::string& key, FormulaFamily family) {
  return EndsWith(key, "out.conv.conv.weight")      ? family == FormulaFamily::kSgseg ? 6.0 : 2.0
         : EndsWith(key, "transp_conv.conv.weight") ? 0.7
         : EndsWith(key, "sampling_offsets.weight") ? 0.25
         : EndsWith(key, "detector.fc.weight")      ? 3.0
                                                    : 1.4;
}

// A value is middle + spread * u, or of |u|.
struct Rule {
  double middle, spread;
  bool absolute = false;
};

// The first rule that applies.
Rule RuleFor(const std::string& key, torch::IntArrayRef shape, FormulaFamily family) {
  if (shape.empty()) {
    return {0.5, 0.1};
  }
  if (EndsWith(key, "running_var")) {
    return {1, 0.5, true};
  }
  if (EndsWith(key, "running_mean")) {
    return {0, 0.1};
  }
  if (EndsWith(key, "layer_scale_parameter")) {
    return {0.3, 0.1};
  }
  if (EndsWith(key, "agg.query") || EndsWith(key, "cls_token") || EndsWith(key, "pos_embed")) {
    return {0, 0.5};
  }
  if (EndsWith(key, "prototype.matrix")) {
    return {0, 1};
  }
  if (StartsWith(key, "input.")) {
    return {0, std::sqrt(3.0)};
  }
  if (shape.size() > 1) {
    double fan_in = 1;
    for (const int64_t extent : shape.slice(1)) {
      fan_in *= static_cast<double>(extent);
    }
    return {0, Gain(key, family) * std::sqrt(3 / fan_in)};
  }
  return EndsWith(key, "weight") ? Rule{1, 0.1} : Rule{0, 0.05};
}

}  // namespace

uint64_t Fnv1a(const std::string& text) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  }
  return hash;
}

torch::Tensor Formula::Make(const std::string& key, torch::IntArrayRef shape) const {
  auto tensor = torch::empty(shape);
  const uint64_t state = Fnv1a(key) ^ salt_;
  const Rule rule = RuleFor(key, shape, family_);
  auto* values = tensor.data_ptr<float>();
  at::parallel_for(0, tensor.numel(), 1 << 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const double u = Uniform(state, static_cast<uint64_t>(i));
      values[i] = static_cast<float>(rule.middle + rule.spread * (rule.absolute ? std::abs(u) : u));
    }
  });
  return tensor;
}

void Formula::Fill(torch::nn::Module& module, const std::string& prefix) const {
  torch::NoGradGuard no_grad;
  const auto fill = [&](const std::string& name, torch::Tensor& tensor) {
    if (tensor.is_floating_point() && !EndsWith(name, ".pe")) {
      tensor.copy_(Make(prefix + name, tensor.sizes()));
    }
  };
  for (auto& item : module.named_parameters()) {
    fill(item.key(), item.value());
  }
  for (auto& item : module.named_buffers()) {
    fill(item.key(), item.value());
  }
  module.eval();
}

}  // namespace lingula
