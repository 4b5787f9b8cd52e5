// The formula's weights with the published salt, for tests of single networks.
#pragma once

#include <string>

#include "model/parity/formula_fill.h"

namespace lingula::test {

inline torch::Tensor FormulaTensor(const std::string& key, torch::IntArrayRef shape) {
  return Formula().Make(key, shape);
}
inline void FillByFormula(torch::nn::Module& module, const std::string& prefix) {
  Formula().Fill(module, prefix);
}

// max |a - b|.
inline double MaxDifference(const torch::Tensor& a, const torch::Tensor& b) {
  TORCH_CHECK(a.sizes() == b.sizes());
  return (a.to(torch::kFloat64) - b.to(torch::kFloat64)).abs().max().item<double>();
}

}  // namespace lingula::test
