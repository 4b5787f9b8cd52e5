#include "model/backend/weights.h"

#include <cstring>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

absl::StatusOr<torch::ScalarType> ScalarTypeOf(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return torch::kFloat32;
    case DType::kF64:
      return torch::kFloat64;
    case DType::kF16:
      return torch::kFloat16;
    case DType::kBf16:
      return torch::kBFloat16;
    case DType::kI64:
      return torch::kInt64;
    case DType::kI32:
      return torch::kInt32;
    case DType::kU8:
      return torch::kUInt8;
    case DType::kBool:
      return torch::kBool;
  }
  return absl::InvalidArgumentError("unknown tensor type");
}

DType DTypeOf(torch::ScalarType type) {
  return type == torch::kFloat16 ? DType::kF16
         : type == torch::kInt64 ? DType::kI64
         : type == torch::kInt32 ? DType::kI32
         : type == torch::kUInt8 ? DType::kU8
         : type == torch::kBool  ? DType::kBool
                                 : DType::kF32;
}

absl::Status Fill(torch::Tensor& target, const TensorView& view, const std::string& name) {
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor source, ToTensor(view));
  if (source.sizes() != target.sizes()) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": has the shape [",
                                                   absl::StrJoin(view.shape, ", "), "], needs [",
                                                   absl::StrJoin(target.sizes(), ", "), "]"));
  }
  if (source.is_floating_point() && !torch::isfinite(source).all().item<bool>()) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": holds a value that is not finite"));
  }
  torch::NoGradGuard no_grad;
  target.copy_(source);
  return absl::OkStatus();
}

}  // namespace

std::map<std::string, torch::Tensor> StateOf(const torch::nn::Module& module) {
  std::map<std::string, torch::Tensor> state;
  for (const auto& item : module.named_parameters()) {
    state[item.key()] = item.value();
  }
  for (const auto& item : module.named_buffers()) {
    if (!absl::EndsWith(item.key(), ".pe")) {
      state[item.key()] = item.value();
    }
  }
  return state;
}

absl::StatusOr<torch::Tensor> ToTensor(const TensorView& view) {
  LINGULA_ASSIGN_OR_RETURN(const torch::ScalarType type, ScalarTypeOf(view.dtype));
  auto tensor = torch::empty(view.shape, type);
  std::memcpy(tensor.data_ptr(), view.bytes.data(), view.bytes.size());
  return tensor.is_floating_point() ? tensor.to(torch::kFloat32) : tensor;
}

absl::Status LoadState(torch::nn::Module& module, const TensorMap& tensors,
                       const std::string& prefix) {
  std::vector<std::string> problems;
  std::map<std::string, torch::Tensor> state = StateOf(module);
  for (auto& [name, target] : state) {
    const auto view = tensors.find(prefix + name);
    if (view == tensors.end()) {
      problems.push_back(absl::StrCat(prefix, name, ": is missing"));
    } else if (const auto status = Fill(target, view->second, prefix + name); !status.ok()) {
      problems.emplace_back(status.message());
    }
  }
  for (const auto& [name, view] : tensors) {
    if (absl::StartsWith(name, prefix) && state.count(name.substr(prefix.size())) == 0) {
      problems.push_back(absl::StrCat(name, ": is not part of this network"));
    }
  }
  return problems.empty() ? absl::OkStatus()
                          : absl::InvalidArgumentError(absl::StrJoin(problems, "; "));
}

void TensorWriter::Add(const std::string& name, const torch::Tensor& tensor, bool half) {
  auto kept = tensor.detach().cpu();
  if (kept.is_floating_point()) {
    kept = kept.to(half && kept.dim() > 1 ? torch::kFloat16 : torch::kFloat32);
  }
  tensors_[name] = kept.contiguous();
}

void TensorWriter::AddState(const torch::nn::Module& module, const std::string& prefix, bool half) {
  for (const auto& [name, tensor] : StateOf(module)) {
    Add(prefix + name, tensor, half);
  }
}

absl::Status TensorWriter::Write(const std::string& path,
                                 const std::map<std::string, std::string>& metadata) const {
  TensorMap views;
  for (const auto& [name, tensor] : tensors_) {
    TensorView view;
    view.dtype = DTypeOf(tensor.scalar_type());
    view.shape = tensor.sizes().vec();
    view.bytes = absl::string_view(static_cast<const char*>(tensor.data_ptr()), tensor.nbytes());
    views[name] = view;
  }
  return WriteSafeTensors(path, views, metadata);
}

}  // namespace lingula
