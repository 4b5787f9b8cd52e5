// Recorded outputs of the published Python code (tests/golden/nets/README.md).
#pragma once

#include <string>

#include <torch/torch.h>

#include "model/bundle/safetensors.h"

namespace lingula::test {

class Recorded {
 public:
  // Opens tests/golden/nets/<name>.safetensors; throws when it cannot.
  explicit Recorded(const std::string& name);

  // A stored tensor, whole.
  torch::Tensor Get(const std::string& name) const;

  // Expects that `actual` has the recorded shape, that the recorded sample (every k-th value) is
  // met to the recorded absolute tolerance, and the statistics of all values to the same.
  void Expect(const std::string& name, const torch::Tensor& actual) const;

 private:
  std::string Note(const std::string& key) const;

  SafeTensors file_;
};

// The two synthetic pictures as the reference networks see them: [2, 3, 224, 224], normalised, [x,
// y].
torch::Tensor SyntheticImages();

// max |a - b|.
double MaxDifference(const torch::Tensor& a, const torch::Tensor& b);

}  // namespace lingula::test
