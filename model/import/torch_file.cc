#include "model/import/torch_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/base/status_macros.h"
#include "model/import/legacy_file.h"
#include "model/import/mapped_file.h"
#include "model/import/torch_archive.h"
#include "model/import/torch_objects.h"

namespace lingula {
namespace {

using Kind = PickleValue::Kind;

constexpr char kBareTensor[] = "tensor";
// The program of a checkpoint of 1,500 tensors with its optimiser's state has about 1 MB.
constexpr int64_t kMaxProgramBytes = int64_t{256} << 20;
constexpr size_t kKeysInMessage = 8;

bool HasTensors(const PickleValue& dict) {
  for (size_t i = 1; dict.kind == Kind::kDict && i < dict.items.size(); i += 2) {
    if (dict.items[i]->kind == Kind::kTensor && dict.items[i - 1]->kind == Kind::kString) {
      return true;
    }
  }
  return false;
}

absl::Status NoTensors(const PickleValue& top) {
  std::vector<std::string> keys;
  for (size_t i = 0; top.kind == Kind::kDict && i < top.items.size(); i += 2) {
    if (top.items[i]->kind == Kind::kString && keys.size() < kKeysInMessage) {
      keys.push_back(absl::StrCat("\"", Quoted(top.items[i]->text), "\""));
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "no tensors: neither \"state_dict\" nor the top of the file is a dictionary of tensors",
      keys.empty() ? "" : "; its keys: ", absl::StrJoin(keys, ", ")));
}

absl::Status WithPath(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

}  // namespace

struct Checkpoint::Content {
  std::string path;
  std::unique_ptr<MappedFile> file;
  std::unique_ptr<TorchArchive> archive;  // null unless the file is one
  std::string program;                    // of the archive
  PickleArena arena;
  std::map<std::string, const TorchTensor*> tensors;
  std::map<std::string, StoredShape> shapes;

  absl::Status Read();
  absl::StatusOr<const PickleValue*> ReadArchive();
  absl::StatusOr<const PickleValue*> ReadPickle();
  absl::Status Collect(const PickleValue& top);
  absl::Status Add(const std::string& name, const TorchTensor& tensor);
  absl::StatusOr<std::string> Load(const TorchTensor& tensor) const;
};

absl::Status Checkpoint::Content::Read() {
  LINGULA_ASSIGN_OR_RETURN(file, MappedFile::Open(path));
  absl::StatusOr<const PickleValue*> top = nullptr;
  if (TorchArchive::IsZip(file->bytes())) {
    top = ReadArchive();
  } else if (IsLegacy(file->bytes())) {
    PickleBudget budget = BudgetFor(file->bytes().size());
    top = ReadLegacy(file->bytes(), arena, budget);
  } else {
    top = ReadPickle();
  }
  LINGULA_RETURN_IF_ERROR(top.status());
  return Collect(**top);
}

absl::StatusOr<const PickleValue*> Checkpoint::Content::ReadArchive() {
  LINGULA_ASSIGN_OR_RETURN(archive, TorchArchive::Open(path, file->bytes().size()));
  LINGULA_ASSIGN_OR_RETURN(const int64_t bytes, archive->Bytes("data.pkl"));
  if (bytes > kMaxProgramBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("data.pkl has ", bytes, " bytes; at most ", kMaxProgramBytes, " are read"));
  }
  LINGULA_ASSIGN_OR_RETURN(program, archive->Read("data.pkl", 0, bytes));
  PickleBudget budget = BudgetFor(program.size());
  TorchObjects objects(arena, budget);
  const auto parsed = ParsePickle(program, objects.hooks(), arena, budget);
  if (!parsed.ok()) {
    return absl::Status(parsed.status().code(),
                        absl::StrCat("data.pkl, ", parsed.status().message()));
  }
  return parsed->value;
}

absl::StatusOr<const PickleValue*> Checkpoint::Content::ReadPickle() {
  PickleBudget budget = BudgetFor(file->bytes().size());
  TorchObjects objects(arena, budget);
  LINGULA_ASSIGN_OR_RETURN(const ParsedPickle parsed,
                           ParsePickle(file->bytes(), objects.hooks(), arena, budget));
  if (parsed.bytes != file->bytes().size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the pickle ends at byte ", parsed.bytes, " of ", file->bytes().size()));
  }
  return parsed.value;
}

absl::Status Checkpoint::Content::Collect(const PickleValue& top) {
  if (top.kind == Kind::kTensor) {
    return Add(kBareTensor, *top.tensor);
  }
  const PickleValue* state = top.Find("state_dict");
  const PickleValue& dict = state != nullptr && HasTensors(*state) ? *state : top;
  if (!HasTensors(dict)) {
    return NoTensors(top);
  }
  for (size_t i = 1; i < dict.items.size(); i += 2) {
    const PickleValue& key = *dict.items[i - 1];
    if (key.kind == Kind::kString && dict.items[i]->kind == Kind::kTensor) {
      LINGULA_RETURN_IF_ERROR(Add(std::string(key.text), *dict.items[i]->tensor));
    }
  }
  return absl::OkStatus();
}

absl::Status Checkpoint::Content::Add(const std::string& name, const TorchTensor& tensor) {
  const auto error = [&name](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat("tensor \"", Quoted(name), "\": ", what));
  };
  const TorchStorage& storage = *tensor.storage;
  if (!storage.type->representable) {
    return error(absl::StrCat("its ", storage.type->name, " has a type that is not read"));
  }
  const int64_t wanted = storage.block_elements * storage.type->element_bytes;
  if (!storage.in_memory && archive == nullptr) {
    return error("its storage lies outside the file");
  }
  if (!storage.in_memory) {
    const absl::StatusOr<int64_t> bytes = archive->Bytes("data/" + storage.key);
    if (!bytes.ok() || *bytes != wanted) {
      return error(bytes.ok()
                       ? absl::StrCat("its storage has ", *bytes, " bytes instead of ", wanted)
                       : std::string(bytes.status().message()));
    }
  }
  tensors[name] = &tensor;
  shapes[name] = {storage.type->dtype, tensor.shape};
  return absl::OkStatus();
}

absl::StatusOr<std::string> Checkpoint::Content::Load(const TorchTensor& tensor) const {
  const TorchStorage& storage = *tensor.storage;
  const TorchTensor::Span touched = tensor.TouchedBytes();
  if (storage.in_memory) {
    return Contiguous(tensor, storage.block.substr(touched.begin, touched.end - touched.begin));
  }
  LINGULA_ASSIGN_OR_RETURN(const std::string bytes,
                           archive->Read("data/" + storage.key, touched.begin, touched.end));
  return Contiguous(tensor, bytes);
}

absl::StatusOr<Checkpoint> Checkpoint::Open(const std::string& path) {
  auto content = std::make_unique<Content>();
  content->path = path;
  const absl::Status status = content->Read();
  return status.ok() ? absl::StatusOr<Checkpoint>(Checkpoint(std::move(content)))
                     : WithPath(path, status);
}

Checkpoint::Checkpoint(std::unique_ptr<Content> content) : content_(std::move(content)) {}
Checkpoint::Checkpoint(Checkpoint&&) noexcept = default;
Checkpoint& Checkpoint::operator=(Checkpoint&&) noexcept = default;
Checkpoint::~Checkpoint() = default;

const std::map<std::string, StoredShape>& Checkpoint::tensors() const {
  return content_->shapes;
}

absl::StatusOr<StoredTensor> Checkpoint::Load(const std::string& name) const {
  const auto found = content_->tensors.find(name);
  if (found == content_->tensors.end()) {
    return absl::NotFoundError(absl::StrCat(content_->path, ": no tensor \"", Quoted(name), "\""));
  }
  const StoredShape& shape = content_->shapes.at(name);
  absl::StatusOr<std::string> bytes = content_->Load(*found->second);
  if (!bytes.ok()) {
    return WithPath(absl::StrCat(content_->path, ": tensor \"", Quoted(name), "\""),
                    bytes.status());
  }
  return StoredTensor{shape.dtype, shape.shape, *std::move(bytes)};
}

}  // namespace lingula
