// torch.save before PyTorch 1.6, which pickled tensors still nest: five pickles (magic number,
// version, system, the object, keys of blocks), then the blocks of data, each after its length.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/import/pickle.h"

namespace lingula {

// Whether `bytes` start with the magic number's pickle.
bool IsLegacy(absl::string_view bytes);

// The object of a legacy file. Its storages point into `bytes`.
// Errors   those of ParsePickle(), with the part of the file and its position; INVALID_ARGUMENT for
//          a foreign byte order, blocks that are missing or disagree with their storages.
absl::StatusOr<const PickleValue*> ReadLegacy(absl::string_view bytes, PickleArena& arena,
                                              PickleBudget& budget);

}  // namespace lingula
