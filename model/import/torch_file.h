// Weights that Python wrote with PyTorch, read without Python and without running anything:
//   torch.save of today     a zip archive: Lightning's .ckpt, bare state dicts (.pth, .ckpt)
//   torch.save before 1.6   bare and Lightning's
//   pickle.dump of tensors  prototype stores (.pkl)
// Content tells them apart, not the name.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/bundle/safetensors.h"

namespace lingula {

// What a tensor of a checkpoint looks like; known without reading its data.
struct StoredShape {
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
};

// A tensor read: row-major, little-endian, contiguous, however it was stored.
struct StoredTensor {
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  std::string bytes;
};

// The tensors of a checkpoint: of its "state_dict" if that is a dictionary of tensors, else of the
// dictionary at the top; a file that is one bare tensor has it under "tensor". Other values and
// keys that are not text are ignored, but a call anywhere in the file still refuses it.
// Data is read by Load() only, so a file larger than memory can be opened. Move-only; one thread at
// a time. The file must stay as it is: see MappedFile.
class Checkpoint {
 public:
  // Errors, each with the path  NOT_FOUND no such file; PERMISSION_DENIED naming the function that
  //          the file asks to call (nothing was executed); INVALID_ARGUMENT with the place for a
  //          file that is truncated, damaged, of another kind, without tensors, or with tensors of
  //          a type that we do not have (int8, complex, quantised); RESOURCE_EXHAUSTED for one that
  //          would cost far more memory than its size.
  static absl::StatusOr<Checkpoint> Open(const std::string& path);

  Checkpoint(Checkpoint&&) noexcept;
  Checkpoint& operator=(Checkpoint&&) noexcept;
  ~Checkpoint();

  const std::map<std::string, StoredShape>& tensors() const;
  // NOT_FOUND naming the tensor and the file; INVALID_ARGUMENT when the data fails its checksum.
  absl::StatusOr<StoredTensor> Load(const std::string& name) const;

 private:
  struct Content;
  explicit Checkpoint(std::unique_ptr<Content> content);
  std::unique_ptr<Content> content_;
};

}  // namespace lingula
