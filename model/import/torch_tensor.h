// Tensors as PyTorch stores them: a window, with strides, on a storage that others may share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/bundle/safetensors.h"

namespace lingula {

// A class of storages, "torch.FloatStorage".
struct StorageType {
  const char* name;
  int64_t element_bytes;
  bool representable;  // whether `dtype` means anything
  DType dtype;
};

// Null for an unknown name.
const StorageType* FindStorageType(absl::string_view name);

// Elements `first` to `first + elements` of a block of data.
struct TorchStorage {
  const StorageType* type = nullptr;
  std::string key;  // names the block within its file
  int64_t elements = 0;
  int64_t first = 0;
  int64_t block_elements = 0;
  // The whole block where it lies in memory (legacy files and pickles); an archive's is read later.
  bool in_memory = false;
  absl::string_view block;
};

struct TorchTensor {
  const TorchStorage* storage = nullptr;
  int64_t offset = 0;  // elements into the storage
  std::vector<int64_t> shape;
  std::vector<int64_t> stride;  // in elements, not negative

  int64_t elements() const;
  // Bytes of the block that the tensor touches: [begin, end). Empty for a tensor without elements.
  struct Span {
    int64_t begin = 0;
    int64_t end = 0;
  };
  Span TouchedBytes() const;
};

// INVALID_ARGUMENT when the tensor leaves its storage, does not fit 64 bits, or is so many times
// larger than its storage (strides of 0) that making it contiguous would be an attack on memory.
absl::Status CheckTensor(const TorchTensor& tensor);

// The tensor's elements, row-major and without gaps. `touched`: the bytes of TouchedBytes(); the
// tensor has passed CheckTensor().
std::string Contiguous(const TorchTensor& tensor, absl::string_view touched);

}  // namespace lingula
