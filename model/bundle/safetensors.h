// The safetensors container: an 8-byte little-endian header length, a JSON header, then raw
// tensors. Nothing in it can execute.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula {

enum class DType { kF32, kF64, kF16, kBf16, kI64, kI32, kU8, kBool };

// A tensor inside a mapped file: row-major, little-endian, not aligned.
struct TensorView {
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  absl::string_view bytes;
};

// A memory-mapped file. Move-only; views live as long as it does. Reading is thread-safe. Whoever
// replaces the file must rename over it: truncating a mapped file ends the process.
class SafeTensors {
 public:
  // Errors   NOT_FOUND no such file; INVALID_ARGUMENT with the culprit: header length past the end,
  //          bad JSON, unknown dtype, shape and byte range that disagree, ranges that overlap,
  //          leave holes or pass the end.
  static absl::StatusOr<SafeTensors> Open(const std::string& path);

  SafeTensors(SafeTensors&&) noexcept;
  SafeTensors& operator=(SafeTensors&&) noexcept;
  ~SafeTensors();

  const std::map<std::string, TensorView>& tensors() const;
  const std::map<std::string, std::string>& metadata() const;
  // NOT_FOUND naming the tensor and the file.
  absl::StatusOr<TensorView> Get(const std::string& name) const;
  // As given to Open, for messages.
  const std::string& path() const;
  // The whole file, for digests.
  absl::string_view file() const;

 private:
  struct Mapping;
  explicit SafeTensors(std::unique_ptr<Mapping> mapping);
  std::unique_ptr<Mapping> mapping_;
};

// A tensor to be written; `bytes` as in TensorView.
using TensorMap = std::map<std::string, TensorView>;

// Writes a file whose bytes depend on the arguments alone. Wider elements come first, so that every
// tensor is aligned to its element in the file. INVALID_ARGUMENT naming the tensor whose bytes and
// shape disagree, or a name that is not UTF-8.
absl::Status WriteSafeTensors(const std::string& path, const TensorMap& tensors,
                              const std::map<std::string, std::string>& metadata = {});

// Bytes of one element.
int64_t ElementBytes(DType dtype);
// Bytes of a tensor. INVALID_ARGUMENT for a negative size or a product that does not fit int64.
absl::StatusOr<int64_t> TensorBytes(DType dtype, const std::vector<int64_t>& shape);
// "F32", "BF16", ...
absl::string_view DTypeName(DType dtype);

}  // namespace lingula
