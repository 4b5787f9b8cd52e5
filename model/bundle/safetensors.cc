#include "model/bundle/safetensors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

using Json = nlohmann::json;

constexpr size_t kLengthBytes = 8;
// A network of a thousand tensors needs 100 KB. The bound keeps a hostile file from costing memory.
constexpr uint64_t kMaxHeaderBytes = uint64_t{16} << 20;
// The root object, a tensor's object, its arrays.
constexpr int kMaxNesting = 3;
constexpr char kMetadataKey[] = "__metadata__";

struct DTypeRow {
  DType dtype;
  const char* name;
  int64_t bytes;
};
constexpr DTypeRow kDTypes[] = {
    {DType::kF32, "F32", 4},   {DType::kF64, "F64", 8},   {DType::kF16, "F16", 2},
    {DType::kBf16, "BF16", 2}, {DType::kI64, "I64", 8},   {DType::kI32, "I32", 4},
    {DType::kU8, "U8", 1},     {DType::kBool, "BOOL", 1},
};

const DTypeRow& RowOf(DType dtype) {
  return *std::find_if(std::begin(kDTypes), std::end(kDTypes),
                       [dtype](const DTypeRow& row) { return row.dtype == dtype; });
}

absl::StatusOr<DType> DTypeFrom(const Json& name) {
  for (const DTypeRow& row : kDTypes) {
    if (name == row.name) {
      return row.dtype;
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "dtype must be one of ",
      absl::StrJoin(kDTypes, ", ",
                    [](std::string* out, const DTypeRow& row) { absl::StrAppend(out, row.name); }),
      ", got ", name.dump()));
}

// A list of whole numbers that are not negative.
absl::StatusOr<std::vector<int64_t>> SizesFrom(const Json& list, absl::string_view field) {
  std::vector<int64_t> sizes;
  bool good = list.is_array();
  for (size_t i = 0; good && i < list.size(); ++i) {
    good = list[i].is_number_unsigned() &&
           list[i].get<uint64_t>() <= std::numeric_limits<int64_t>::max();
    sizes.push_back(good ? list[i].get<int64_t>() : 0);
  }
  if (!good) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, " must be a list of whole numbers >= 0, got ", list.dump()));
  }
  return sizes;
}

absl::StatusOr<TensorView> TensorFrom(const Json& entry, absl::string_view data) {
  if (!entry.is_object() || entry.size() != 3 || !entry.contains("dtype") ||
      !entry.contains("shape") || !entry.contains("data_offsets")) {
    return absl::InvalidArgumentError("must have exactly dtype, shape and data_offsets");
  }
  TensorView tensor;
  LINGULA_ASSIGN_OR_RETURN(tensor.dtype, DTypeFrom(entry["dtype"]));
  LINGULA_ASSIGN_OR_RETURN(tensor.shape, SizesFrom(entry["shape"], "shape"));
  LINGULA_ASSIGN_OR_RETURN(const int64_t bytes, TensorBytes(tensor.dtype, tensor.shape));
  LINGULA_ASSIGN_OR_RETURN(const std::vector<int64_t> range,
                           SizesFrom(entry["data_offsets"], "data_offsets"));
  if (range.size() != 2 || range[0] > range[1] || range[1] > static_cast<int64_t>(data.size())) {
    return absl::InvalidArgumentError(absl::StrCat("data_offsets ", entry["data_offsets"].dump(),
                                                   " must be a range within the file's ",
                                                   data.size(), " bytes of data"));
  }
  if (range[1] - range[0] != bytes) {
    return absl::InvalidArgumentError(absl::StrCat("data_offsets span ", range[1] - range[0],
                                                   " bytes, but dtype and shape need ", bytes));
  }
  tensor.bytes = data.substr(range[0], bytes);
  return tensor;
}

// Parses the header, refusing what a JSON library lets pass: names given twice and deep nesting.
absl::StatusOr<Json> ParseHeader(absl::string_view text) {
  std::set<std::string> names[kMaxNesting + 1];
  std::string twice;
  bool too_deep = false;
  const auto check = [&](int depth, Json::parse_event_t event, Json& parsed) {
    const bool starts =
        event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
    if (depth > kMaxNesting || (starts && depth == kMaxNesting)) {
      too_deep = true;
      return false;
    }
    if (event == Json::parse_event_t::object_start) {
      names[depth + 1].clear();
    } else if (event == Json::parse_event_t::key &&
               !names[depth].insert(parsed.get<std::string>()).second) {
      twice = parsed.get<std::string>();
    }
    return true;
  };
  try {
    Json header = Json::parse(text.begin(), text.end(), check);
    if (too_deep) {
      return absl::InvalidArgumentError("the header is nested too deeply");
    }
    if (!twice.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("the header names \"", twice, "\" twice"));
    }
    if (!header.is_object()) {
      return absl::InvalidArgumentError("the header must be a JSON object");
    }
    return header;
  } catch (const Json::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat("the header is not JSON: ", error.what()));
  }
}

// Every byte of the data must belong to exactly one tensor.
absl::Status CheckCover(const std::map<std::string, TensorView>& tensors, absl::string_view data) {
  std::vector<std::pair<absl::string_view, const std::string*>> ranges;
  for (const auto& [name, tensor] : tensors) {
    ranges.emplace_back(tensor.bytes, &name);
  }
  std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) {
    return std::make_pair(a.first.data(), a.first.size()) <
           std::make_pair(b.first.data(), b.first.size());
  });
  const char* end = data.data();
  for (const auto& [bytes, name] : ranges) {
    if (bytes.data() != end) {
      return absl::InvalidArgumentError(
          absl::StrCat("tensor \"", *name, "\" starts at data byte ", bytes.data() - data.data(),
                       bytes.data() < end ? ", inside the tensor before it, which ends at "
                                          : ", which leaves a hole after ",
                       end - data.data()));
    }
    end = bytes.data() + bytes.size();
  }
  if (end != data.data() + data.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the tensors end at data byte ", end - data.data(), " of ", data.size()));
  }
  return absl::OkStatus();
}

}  // namespace

struct SafeTensors::Mapping {
  std::string path;
  void* address = MAP_FAILED;
  size_t size = 0;
  std::map<std::string, TensorView> tensors;
  std::map<std::string, std::string> metadata;

  ~Mapping() {
    if (address != MAP_FAILED) {
      munmap(address, size);
    }
  }
  absl::string_view bytes() const { return {static_cast<const char*>(address), size}; }

  absl::Status Map();
  absl::Status Read();
  absl::Status ReadMetadata(const Json& entry);
};

absl::Status SafeTensors::Mapping::Map() {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, "cannot open");
  }
  struct stat info {};
  const bool plain = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
  size = plain ? static_cast<size_t>(info.st_size) : 0;
  if (size > kLengthBytes) {
    address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  }
  const int error = errno;
  close(fd);
  if (!plain) {
    return absl::InvalidArgumentError("not a plain file");
  }
  if (size <= kLengthBytes) {
    return absl::InvalidArgumentError(absl::StrCat("only ", size, " bytes: no header"));
  }
  return address == MAP_FAILED ? absl::ErrnoToStatus(error, "cannot map") : absl::OkStatus();
}

absl::Status SafeTensors::Mapping::ReadMetadata(const Json& entry) {
  for (const auto& [key, value] : entry.items()) {
    if (!entry.is_object() || !value.is_string()) {
      return absl::InvalidArgumentError("__metadata__ must map texts to texts");
    }
    metadata[key] = value.get<std::string>();
  }
  return absl::OkStatus();
}

absl::Status SafeTensors::Mapping::Read() {
  uint64_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) {
    length |= uint64_t{static_cast<unsigned char>(bytes()[i])} << (8 * i);
  }
  if (length > std::min<uint64_t>(kMaxHeaderBytes, size - kLengthBytes)) {
    return absl::InvalidArgumentError(absl::StrCat("a header of ", length, " bytes in a file of ",
                                                   size, "; at most ", kMaxHeaderBytes,
                                                   " are read"));
  }
  LINGULA_ASSIGN_OR_RETURN(const Json header, ParseHeader(bytes().substr(kLengthBytes, length)));
  const absl::string_view data = bytes().substr(kLengthBytes + length);
  for (const auto& [name, entry] : header.items()) {
    if (name == kMetadataKey) {
      LINGULA_RETURN_IF_ERROR(ReadMetadata(entry));
      continue;
    }
    absl::StatusOr<TensorView> tensor = TensorFrom(entry, data);
    if (!tensor.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("tensor \"", name, "\": ", tensor.status().message()));
    }
    tensors.emplace(name, *std::move(tensor));
  }
  return CheckCover(tensors, data);
}

absl::StatusOr<SafeTensors> SafeTensors::Open(const std::string& path) {
  auto mapping = std::make_unique<Mapping>();
  mapping->path = path;
  absl::Status status = mapping->Map();
  status = status.ok() ? mapping->Read() : status;
  if (!status.ok()) {
    return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
  }
  return SafeTensors(std::move(mapping));
}

SafeTensors::SafeTensors(std::unique_ptr<Mapping> mapping) : mapping_(std::move(mapping)) {}
SafeTensors::SafeTensors(SafeTensors&&) noexcept = default;
SafeTensors& SafeTensors::operator=(SafeTensors&&) noexcept = default;
SafeTensors::~SafeTensors() = default;

const std::map<std::string, TensorView>& SafeTensors::tensors() const {
  return mapping_->tensors;
}
const std::map<std::string, std::string>& SafeTensors::metadata() const {
  return mapping_->metadata;
}
absl::string_view SafeTensors::file() const {
  return mapping_->bytes();
}

absl::StatusOr<TensorView> SafeTensors::Get(const std::string& name) const {
  const auto found = mapping_->tensors.find(name);
  if (found == mapping_->tensors.end()) {
    return absl::NotFoundError(absl::StrCat(mapping_->path, ": no tensor \"", name, "\""));
  }
  return found->second;
}

int64_t ElementBytes(DType dtype) {
  return RowOf(dtype).bytes;
}
absl::string_view DTypeName(DType dtype) {
  return RowOf(dtype).name;
}

absl::StatusOr<int64_t> TensorBytes(DType dtype, const std::vector<int64_t>& shape) {
  int64_t bytes = ElementBytes(dtype);
  for (const int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(bytes, size, &bytes)) {
      return absl::InvalidArgumentError(
          absl::StrCat("shape [", absl::StrJoin(shape, ", "), "] is negative or too large"));
    }
  }
  return bytes;
}

}  // namespace lingula
