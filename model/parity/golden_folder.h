// A folder of recorded outputs of the published networks (tests/golden/parity/README.md describes
// the layout). Any folder of that layout will do; nothing here depends on one set's numbers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/bundle/safetensors.h"

namespace lingula::parity {

class GoldenFolder {
 public:
  // `vocabulary`: the tokenizer's vocab.txt; empty: looked for in and beside the folder.
  // Errors   NOT_FOUND or INVALID_ARGUMENT for a folder without a readable tolerances.json.
  static absl::StatusOr<GoldenFolder> Open(const std::string& path,
                                           const std::string& vocabulary = "");

  std::string PathOf(const std::string& file) const { return path_ + "/" + file; }
  bool Has(const std::string& file) const;
  // Names of all files and folders inside, sorted.
  std::vector<std::string> Listing() const;

  // Absolute tolerances by tensor, by file without its extension.
  using Tolerances = std::map<std::string, double>;
  const std::map<std::string, Tolerances>& tolerances() const { return tolerances_; }

  // A batch of pictures of inputs.safetensors as the networks see it: [B, 3, S, S], normalised,
  // [x, y].
  absl::StatusOr<torch::Tensor> Images(const std::string& batch) const;
  // Where the tokenizer's vocabulary is. NOT_FOUND with the places that were tried.
  absl::StatusOr<std::string> Vocabulary() const;
  // The salt that the files' metadata agree on. FAILED_PRECONDITION where they do not.
  absl::StatusOr<uint64_t> Salt() const;

 private:
  GoldenFolder(std::string path, std::string vocabulary)
      : path_(std::move(path)), vocabulary_(std::move(vocabulary)) {}

  std::string path_, vocabulary_;
  std::map<std::string, Tolerances> tolerances_;
};

// The salt in a file's metadata. INVALID_ARGUMENT where it is missing or no number.
absl::StatusOr<uint64_t> SaltOf(const SafeTensors& file);

// A copy of a stored tensor in its own type. UNIMPLEMENTED for half precision, which no golden file
// holds.
absl::StatusOr<torch::Tensor> CopyTensor(const TensorView& view);

}  // namespace lingula::parity
