#include "model/bundle/safetensors_header.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/base/status_macros.h"
#include "model/bundle/printable.h"

namespace lingula {
namespace {

using Json = nlohmann::json;

constexpr size_t kLengthBytes = 8;
// A network of a thousand tensors needs 100 KB. The bound keeps a hostile file from costing memory.
constexpr uint64_t kMaxHeaderBytes = uint64_t{4} << 20;
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
      ", got ", Printable(name.dump())));
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
        absl::StrCat(field, " must be a list of whole numbers >= 0, got ", Printable(list.dump())));
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
    return absl::InvalidArgumentError(
        absl::StrCat("data_offsets ", Printable(entry["data_offsets"].dump()),
                     " must be a range within the file's ", data.size(), " bytes of data"));
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
      return absl::InvalidArgumentError(
          absl::StrCat("the header names \"", Printable(twice), "\" twice"));
    }
    if (!header.is_object()) {
      return absl::InvalidArgumentError("the header must be a JSON object");
    }
    return header;
  } catch (const Json::exception& error) {
    return absl::InvalidArgumentError(
        absl::StrCat("the header is not JSON: ", Printable(error.what())));
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
      return absl::InvalidArgumentError(absl::StrCat(
          "tensor \"", Printable(*name), "\" starts at data byte ", bytes.data() - data.data(),
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

absl::Status ReadMetadata(const Json& entry, std::map<std::string, std::string>& metadata) {
  const auto is_text = [](const Json& value) { return value.is_string(); };
  if (!entry.is_object() || !std::all_of(entry.begin(), entry.end(), is_text)) {
    return absl::InvalidArgumentError("__metadata__ must map texts to texts");
  }
  for (const auto& [key, value] : entry.items()) {
    metadata[key] = value.get<std::string>();
  }
  return absl::OkStatus();
}

// The header's length, checked.
absl::StatusOr<size_t> ReadLength(absl::string_view file) {
  if (file.size() <= kLengthBytes) {
    return absl::InvalidArgumentError(absl::StrCat("only ", file.size(), " bytes: no header"));
  }
  uint64_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) {
    length |= uint64_t{static_cast<unsigned char>(file[i])} << (8 * i);
  }
  if (length > std::min<uint64_t>(kMaxHeaderBytes, file.size() - kLengthBytes)) {
    return absl::InvalidArgumentError(absl::StrCat("a header of ", length, " bytes in a file of ",
                                                   file.size(), "; at most ", kMaxHeaderBytes,
                                                   " are read"));
  }
  return static_cast<size_t>(length);
}

}  // namespace

absl::StatusOr<SafeTensorsHeader> ReadSafeTensorsHeader(absl::string_view file) {
  LINGULA_ASSIGN_OR_RETURN(const size_t length, ReadLength(file));
  LINGULA_ASSIGN_OR_RETURN(const Json json, ParseHeader(file.substr(kLengthBytes, length)));
  const absl::string_view data = file.substr(kLengthBytes + length);
  SafeTensorsHeader header;
  for (const auto& [name, entry] : json.items()) {
    if (name == kMetadataKey) {
      LINGULA_RETURN_IF_ERROR(ReadMetadata(entry, header.metadata));
      continue;
    }
    absl::StatusOr<TensorView> tensor = TensorFrom(entry, data);
    if (!tensor.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("tensor \"", Printable(name), "\": ", tensor.status().message()));
    }
    header.tensors.emplace(name, *std::move(tensor));
  }
  LINGULA_RETURN_IF_ERROR(CheckCover(header.tensors, data));
  return header;
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
      return absl::InvalidArgumentError(absl::StrCat(
          "shape [", Printable(absl::StrJoin(shape, ", ")), "] is negative or too large"));
    }
  }
  return bytes;
}

}  // namespace lingula
