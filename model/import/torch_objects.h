// The objects of PyTorch that a pickle may make: storages, tensors, sizes, devices.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/import/pickle.h"

namespace lingula {

// Names and makes the storages of one archive, legacy file or nested storage. Borrows both
// arguments; hooks() borrow this.
class TorchObjects {
 public:
  TorchObjects(PickleArena& arena, PickleBudget& budget) : arena_(arena), budget_(budget) {}

  PickleHooks hooks();
  // What tells storages apart: the key of the block, the class, the first element, how many.
  using StorageId = std::tuple<std::string, const StorageType*, int64_t, int64_t>;
  // Every storage that the pickle named.
  const std::map<StorageId, TorchStorage*>& storages() const { return storages_; }

 private:
  using Items = std::vector<const PickleValue*>;
  absl::StatusOr<PickleValue*> Call(absl::string_view name, const Items& args);
  absl::StatusOr<PickleValue*> Rebuild(const Items& args);
  absl::StatusOr<PickleValue*> LoadNested(const Items& args);
  absl::StatusOr<PickleValue*> Persistent(const PickleValue& id);

  PickleArena& arena_;
  PickleBudget& budget_;
  std::map<StorageId, TorchStorage*> storages_;
};

}  // namespace lingula
