#include "model/parity/golden_folder.h"

#include <cstring>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"

namespace lingula::parity {
namespace fs = std::filesystem;

absl::StatusOr<GoldenFolder> GoldenFolder::Open(const std::string& path,
                                                const std::string& vocabulary) {
  GoldenFolder folder(path, vocabulary);
  const std::string name = folder.PathOf("tolerances.json");
  LINGULA_ASSIGN_OR_RETURN(const std::string text, ReadFile(name));
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) {
    return absl::InvalidArgumentError(name + ": not a JSON object");
  }
  for (const auto& [file, tensors] : json.items()) {
    for (const auto& [tensor, entry] : tensors.items()) {
      const auto atol = entry.is_object() ? entry.find("suggested_atol") : entry.end();
      if (!entry.is_object() || atol == entry.end() || !atol->is_number()) {
        return absl::InvalidArgumentError(
            absl::StrCat(name, ": ", file, ", ", tensor, ": no number \"suggested_atol\""));
      }
      folder.tolerances_[file][tensor] = atol->get<double>();
    }
  }
  return folder;
}

bool GoldenFolder::Has(const std::string& file) const {
  std::error_code ignored;
  return fs::exists(PathOf(file), ignored);
}

std::vector<std::string> GoldenFolder::Listing() const {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(path_, ignored)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<torch::Tensor> GoldenFolder::Images(const std::string& batch) const {
  LINGULA_ASSIGN_OR_RETURN(const SafeTensors file, SafeTensors::Open(PathOf("inputs.safetensors")));
  LINGULA_ASSIGN_OR_RETURN(const TensorView view, file.Get(batch));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor images, CopyTensor(view));
  if (images.dim() != 4 || images.size(1) != 1 || !images.is_floating_point()) {
    return absl::InvalidArgumentError(
        absl::StrCat("inputs.safetensors: ", batch, ": not grey pictures [B, 1, S, S]"));
  }
  return images.expand({-1, 3, -1, -1}).contiguous();
}

absl::StatusOr<std::string> GoldenFolder::Vocabulary() const {
  std::vector<std::string> places = {vocabulary_};
  if (vocabulary_.empty()) {
    places = {PathOf("vocab.txt"), PathOf("../data/text/cxr-bert-tokenizer/vocab.txt"),
              PathOf("../text/cxr_bert_vocab_part.tsv")};
  }
  for (const std::string& place : places) {
    std::error_code ignored;
    if (fs::exists(place, ignored)) {
      return place;
    }
  }
  return absl::NotFoundError(absl::StrCat("no vocabulary for the tokenizer; looked for ",
                                          absl::StrJoin(places, ", "), "; name one with --vocab"));
}

absl::StatusOr<uint64_t> GoldenFolder::Salt() const {
  absl::StatusOr<uint64_t> found =
      absl::FailedPreconditionError("no file of the folder has a salt in its metadata");
  std::string first;
  for (const std::string& name : Listing()) {
    if (!absl::EndsWith(name, ".safetensors")) {
      continue;
    }
    const auto file = SafeTensors::Open(PathOf(name));
    const auto salt = file.ok() ? SaltOf(*file) : file.status();
    if (!salt.ok()) {
      continue;  // the file's own check says so
    }
    if (found.ok() && *found != *salt) {
      return absl::FailedPreconditionError(absl::StrCat(first, " and ", name, " differ in salt"));
    }
    first = found.ok() ? first : name;
    found = *salt;
  }
  return found;
}

absl::StatusOr<uint64_t> SaltOf(const SafeTensors& file) {
  const auto entry = file.metadata().find("salt");
  uint64_t salt = 0;
  if (entry == file.metadata().end() || !absl::SimpleHexAtoi(entry->second, &salt)) {
    return absl::InvalidArgumentError("the metadata has no hexadecimal number \"salt\"");
  }
  return salt;
}

absl::StatusOr<torch::Tensor> CopyTensor(const TensorView& view) {
  const std::map<DType, torch::ScalarType> kTypes = {
      {DType::kF32, torch::kFloat32}, {DType::kF64, torch::kFloat64}, {DType::kI32, torch::kInt32},
      {DType::kI64, torch::kInt64},   {DType::kU8, torch::kUInt8},    {DType::kBool, torch::kBool}};
  const auto type = kTypes.find(view.dtype);
  if (type == kTypes.end()) {
    return absl::UnimplementedError(
        absl::StrCat("a tensor of type ", std::string(DTypeName(view.dtype))));
  }
  auto tensor = torch::empty(view.shape, type->second);
  if (!view.bytes.empty()) {
    std::memcpy(tensor.data_ptr(), view.bytes.data(), view.bytes.size());
  }
  return tensor;
}

}  // namespace lingula::parity
