// Tensors between a module's state dict and safetensors.
#pragma once

#include <map>
#include <string>

#include <torch/torch.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/bundle/safetensors.h"

namespace lingula {

// Parameters and buffers by name, in a fixed order. Position codes (*.pe) are left out: they are
// computed, not learned.
std::map<std::string, torch::Tensor> StateOf(const torch::nn::Module& module);

// A copy of a stored tensor; floating-point values become float32.
absl::StatusOr<torch::Tensor> ToTensor(const TensorView& view);

// Fills `module` from the tensors whose names start with `prefix`.
// Errors   INVALID_ARGUMENT naming every missing, unexpected, misshaped or non-finite tensor.
absl::Status LoadState(torch::nn::Module& module, const TensorMap& tensors,
                       const std::string& prefix = "");
inline absl::Status LoadState(torch::nn::Module& module, const SafeTensors& file,
                              const std::string& prefix = "") {
  return LoadState(module, file.tensors(), prefix);
}

// Collects tensors to be written. Keeps them alive until Write.
class TensorWriter {
 public:
  // `half` stores floating-point tensors of two and more dimensions as float16; what has one
  // dimension (norms, running statistics, biases) always keeps float32.
  void Add(const std::string& name, const torch::Tensor& tensor, bool half = false);
  void AddState(const torch::nn::Module& module, const std::string& prefix, bool half = false);
  absl::Status Write(const std::string& path,
                     const std::map<std::string, std::string>& metadata = {}) const;

 private:
  std::map<std::string, torch::Tensor> tensors_;
};

}  // namespace lingula
