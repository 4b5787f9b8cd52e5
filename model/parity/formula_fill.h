// Weights and inputs from a formula, so that recorded outputs need no weights beside them
// (tests/golden/parity/README.md holds the formula in words).
#pragma once

#include <cstdint>
#include <string>

#include <torch/torch.h>

namespace lingula {

// Which network a key belongs to: some names are shared, and one gain differs.
enum class FormulaFamily { kSgseg, kProLearn };

// Immutable; may be used by several threads.
class Formula {
 public:
  static constexpr uint64_t kPublishedSalt = 0x4C696E67756C6135;

  // Every set of recorded outputs has its own salt.
  explicit Formula(uint64_t salt = kPublishedSalt, FormulaFamily family = FormulaFamily::kSgseg)
      : salt_(salt), family_(family) {}

  // The float32 tensor that the formula gives for a state-dict key; "input.NAME" keys are inputs.
  torch::Tensor Make(const std::string& key, torch::IntArrayRef shape) const;

  // Fills every floating-point parameter and buffer from `prefix` + its name and switches to
  // evaluation. Position codes (*.pe) stay as built.
  void Fill(torch::nn::Module& module, const std::string& prefix) const;

 private:
  uint64_t salt_;
  FormulaFamily family_;
};

// FNV-1a, 64 bits; seeds a key's numbers.
uint64_t Fnv1a(const std::string& text);

}  // namespace lingula
