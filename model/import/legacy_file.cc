#include "model/import/legacy_file.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/import/pickle_input.h"
#include "model/import/torch_objects.h"

namespace lingula {
namespace {

using Kind = PickleValue::Kind;

// 0x1950a86a20f9469cfc6c, little-endian.
constexpr absl::string_view kMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr int64_t kVersion = 1001;

bool IsMagic(const PickleValue& value) {
  return value.kind == Kind::kBigInt && value.text == kMagic;
}

// The next pickle of the file, which `rest` loses.
absl::StatusOr<const PickleValue*> Next(const char* part, const PickleHooks& hooks,
                                        absl::string_view file, PickleArena& arena,
                                        PickleBudget& budget, absl::string_view& rest) {
  const absl::StatusOr<ParsedPickle> parsed = ParsePickle(rest, hooks, arena, budget);
  if (!parsed.ok()) {
    return absl::Status(parsed.status().code(), absl::StrCat("in the ", part, " pickle, from byte ",
                                                             file.size() - rest.size(),
                                                             " on: ", parsed.status().message()));
  }
  rest.remove_prefix(parsed->bytes);
  return parsed->value;
}

// Gives all storages of a block their data; false when there is none of that key.
absl::StatusOr<bool> Fill(const std::string& key, PickleInput& input, TorchObjects& objects) {
  bool found = false;
  absl::string_view block;
  const auto& storages = objects.storages();
  for (auto entry = storages.lower_bound({key, nullptr, 0, 0});
       entry != storages.end() && std::get<0>(entry->first) == key; ++entry) {
    TorchStorage& storage = *entry->second;
    const int64_t bytes = storage.block_elements * storage.type->element_bytes;
    if (!found) {
      LINGULA_ASSIGN_OR_RETURN(const uint64_t elements, input.Number(8));
      if (elements != static_cast<uint64_t>(storage.block_elements)) {
        return absl::InvalidArgumentError(absl::StrCat(
            "has ", elements, " elements where its tensors want ", storage.block_elements));
      }
      LINGULA_ASSIGN_OR_RETURN(block, input.Bytes(bytes));
    }
    if (block.size() != static_cast<size_t>(bytes)) {
      return absl::InvalidArgumentError("is used as storages of different lengths");
    }
    found = true;
    storage.block = block;
    storage.in_memory = true;
  }
  return found;
}

absl::Status ReadBlocks(const PickleValue& keys, absl::string_view file, absl::string_view rest,
                        TorchObjects& objects) {
  if (keys.kind != Kind::kList) {
    return absl::InvalidArgumentError("the keys of the storages are no list");
  }
  PickleInput input(rest);
  for (const PickleValue* key : keys.items) {
    const size_t at = file.size() - input.left();
    absl::StatusOr<bool> filled = false;
    if (key->kind == Kind::kString) {
      filled = Fill(std::string(key->text), input, objects);
    }
    if (!filled.ok() || !*filled) {
      return absl::InvalidArgumentError(
          absl::StrCat("the storage \"", Quoted(key->text), "\" at byte ", at, " ",
                       filled.ok() ? "belongs to no tensor" : filled.status().message()));
    }
  }
  for (const auto& [id, storage] : objects.storages()) {
    if (!storage->in_memory) {
      return absl::InvalidArgumentError(
          absl::StrCat("the storage \"", Quoted(storage->key), "\" has no data in the file"));
    }
  }
  return input.left() == 0 ? absl::OkStatus()
                           : absl::InvalidArgumentError(
                                 absl::StrCat(input.left(), " bytes follow the last storage"));
}

}  // namespace

bool IsLegacy(absl::string_view bytes) {
  PickleArena arena;
  PickleBudget budget;
  budget.steps = 4;  // PROTO, FRAME, LONG1, STOP
  TorchObjects objects(arena, budget);
  const auto parsed = ParsePickle(bytes, objects.hooks(), arena, budget);
  return parsed.ok() && IsMagic(*parsed->value);
}

absl::StatusOr<const PickleValue*> ReadLegacy(absl::string_view bytes, PickleArena& arena,
                                              PickleBudget& budget) {
  TorchObjects objects(arena, budget);
  const PickleHooks hooks = objects.hooks();
  absl::string_view rest = bytes;
  const auto next = [&](const char* part) { return Next(part, hooks, bytes, arena, budget, rest); };
  LINGULA_ASSIGN_OR_RETURN(const PickleValue* const magic, next("first"));
  if (!IsMagic(*magic)) {
    return absl::InvalidArgumentError("no file of torch.save: the magic number is missing");
  }
  LINGULA_ASSIGN_OR_RETURN(const PickleValue* const version, next("version"));
  if (version->kind != Kind::kInt || version->whole != kVersion) {
    return absl::InvalidArgumentError(
        absl::StrCat("a version of torch.save's format other than ", kVersion));
  }
  LINGULA_ASSIGN_OR_RETURN(const PickleValue* const system, next("system"));
  const PickleValue* little_endian = system->Find("little_endian");
  if (little_endian != nullptr && little_endian->whole == 0) {
    return absl::InvalidArgumentError("written on a big-endian machine, which is not read");
  }
  LINGULA_ASSIGN_OR_RETURN(const PickleValue* const object, next("object"));
  LINGULA_ASSIGN_OR_RETURN(const PickleValue* const keys, next("keys"));
  LINGULA_RETURN_IF_ERROR(ReadBlocks(*keys, bytes, rest, objects));
  return object;
}

}  // namespace lingula
