// Weights and inputs from a formula, so that recorded outputs need no weights beside them
// (tests/golden/nets/README.md).
#pragma once

#include <cstdint>
#include <string>

#include <torch/torch.h>

namespace lingula::test {

// The float32 tensor that the formula gives for a state-dict key; "input.NAME" keys are inputs.
torch::Tensor FormulaTensor(const std::string& key, torch::IntArrayRef shape);

// Fills every floating-point parameter and buffer from `prefix` + its name and switches to
// evaluation. Position codes (*.pe) stay as built.
void FillByFormula(torch::nn::Module& module, const std::string& prefix);

}  // namespace lingula::test
