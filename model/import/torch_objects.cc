#include "model/import/torch_objects.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/import/legacy_file.h"

namespace lingula {
namespace {

using Kind = PickleValue::Kind;

// Longer than any key that PyTorch gives.
constexpr size_t kMaxKeyBytes = 128;

absl::StatusOr<std::vector<int64_t>> Sizes(const PickleValue& tuple) {
  std::vector<int64_t> sizes;
  bool good = tuple.kind == Kind::kTuple || tuple.kind == Kind::kList;
  for (size_t i = 0; good && i < tuple.items.size(); ++i) {
    good = tuple.items[i]->kind == Kind::kInt;
    sizes.push_back(tuple.items[i]->whole);
  }
  if (!good) {
    return absl::InvalidArgumentError("a tensor's shape or strides are no tuple of whole numbers");
  }
  return sizes;
}

}  // namespace

PickleHooks TorchObjects::hooks() {
  return {[this](absl::string_view name, const Items& args) { return Call(name, args); },
          [this](const PickleValue& id) { return Persistent(id); }};
}

absl::StatusOr<PickleValue*> TorchObjects::Call(absl::string_view name, const Items& args) {
  if (name == "torch._utils._rebuild_tensor_v2" || name == "torch._utils._rebuild_tensor") {
    return Rebuild(args);
  }
  if (name == "torch._utils._rebuild_parameter" ||
      name == "torch._utils._rebuild_parameter_with_state") {
    if (args.empty() || args[0]->kind != Kind::kTensor) {
      return absl::InvalidArgumentError("a parameter that is no tensor");
    }
    PickleValue* value = arena_.New(Kind::kTensor);
    value->tensor = args[0]->tensor;
    return value;
  }
  if (name == "torch.storage._load_from_bytes") {
    return LoadNested(args);
  }
  if (name == "torch.Size") {
    PickleValue* value = arena_.New(Kind::kTuple);
    if (args.size() == 1 && args[0]->items.size() <= kMaxKeyBytes) {
      value->items = args[0]->items;
    }
    return value;
  }
  if (name == "torch.device") {
    return arena_.NewText(Kind::kOpaque, name);
  }
  return nullptr;
}

// (storage, offset, shape, strides, ...): whether it asks for a gradient and its hooks are dropped.
absl::StatusOr<PickleValue*> TorchObjects::Rebuild(const Items& args) {
  if (args.size() < 4 || args[0]->kind != Kind::kStorage || args[1]->kind != Kind::kInt) {
    return absl::InvalidArgumentError("a tensor without a storage, offset, shape and strides");
  }
  TorchTensor tensor;
  tensor.storage = args[0]->storage;
  tensor.offset = args[1]->whole;
  LINGULA_ASSIGN_OR_RETURN(tensor.shape, Sizes(*args[2]));
  LINGULA_ASSIGN_OR_RETURN(tensor.stride, Sizes(*args[3]));
  LINGULA_RETURN_IF_ERROR(CheckTensor(tensor));
  PickleValue* value = arena_.New(Kind::kTensor);
  value->tensor = arena_.Keep(std::move(tensor));
  return value;
}

absl::StatusOr<PickleValue*> TorchObjects::LoadNested(const Items& args) {
  if (args.size() != 1 || args[0]->kind != Kind::kBytes) {
    return absl::InvalidArgumentError("a nested storage that is no bytes");
  }
  const absl::string_view bytes = args[0]->text;
  budget_.bytes -= static_cast<int64_t>(bytes.size());
  if (budget_.bytes < 0 || budget_.nesting == 0) {
    return absl::ResourceExhaustedError(
        "storages are nested more deeply or more often than torch.save does; refused");
  }
  --budget_.nesting;
  const absl::StatusOr<const PickleValue*> value = ReadLegacy(bytes, arena_, budget_);
  ++budget_.nesting;
  if (!value.ok()) {
    return absl::Status(value.status().code(),
                        absl::StrCat("nested storage: ", value.status().message()));
  }
  if ((*value)->kind != Kind::kStorage) {
    return absl::InvalidArgumentError("a nested storage that holds something else");
  }
  PickleValue* storage = arena_.New(Kind::kStorage);
  storage->storage = (*value)->storage;
  return storage;
}

// ('storage', class, key, device, elements), in legacy files with a sixth item that is None or, for
// a part of a block, (its own key, first element, elements).
absl::StatusOr<PickleValue*> TorchObjects::Persistent(const PickleValue& id) {
  const Items& parts = id.items;
  const bool good = id.kind == Kind::kTuple && (parts.size() == 5 || parts.size() == 6) &&
                    parts[0]->kind == Kind::kString && parts[1]->kind == Kind::kGlobal &&
                    parts[2]->kind == Kind::kString && parts[4]->kind == Kind::kInt;
  if (!good || parts[0]->text != "storage") {
    return absl::InvalidArgumentError(
        "an outside object that is no storage: save the state dict, not the module");
  }
  TorchStorage storage;
  storage.type = FindStorageType(parts[1]->text);
  storage.key = std::string(parts[2]->text);
  storage.block_elements = storage.elements = parts[4]->whole;
  if (storage.type == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown class of storages ", Quoted(parts[1]->text)));
  }
  if (storage.key.empty() || storage.key.size() > kMaxKeyBytes || storage.elements < 0 ||
      storage.elements > INT64_MAX / storage.type->element_bytes) {
    return absl::InvalidArgumentError(absl::StrCat("a storage with the key \"", Quoted(storage.key),
                                                   "\" and ", storage.elements, " elements"));
  }
  if (parts.size() == 6 && parts[5]->kind != Kind::kNone) {
    const Items& view = parts[5]->items;
    if (view.size() != 3 || view[1]->kind != Kind::kInt || view[2]->kind != Kind::kInt ||
        view[1]->whole < 0 || view[2]->whole < 0 ||
        view[1]->whole > storage.elements - view[2]->whole) {
      return absl::InvalidArgumentError("a part of a storage that leaves it");
    }
    storage.first = view[1]->whole;
    storage.elements = view[2]->whole;
  }
  PickleValue* value = arena_.New(Kind::kStorage);
  TorchStorage*& known = storages_[{storage.key, storage.type, storage.first, storage.elements}];
  if (known == nullptr) {
    known = arena_.Keep(std::move(storage));
  }
  value->storage = known;
  return value;
}

}  // namespace lingula
