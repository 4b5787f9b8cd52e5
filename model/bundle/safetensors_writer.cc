#include <algorithm>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/bundle/safetensors.h"

namespace lingula {
namespace {

using Json = nlohmann::json;

constexpr size_t kAlignment = 8;

// Names in the order of the data: wide elements first, then by name.
std::vector<std::string> DataOrder(const TensorMap& tensors) {
  std::vector<std::string> order;
  for (const auto& [name, tensor] : tensors) {
    order.push_back(name);
  }
  std::stable_sort(order.begin(), order.end(), [&](const std::string& a, const std::string& b) {
    return ElementBytes(tensors.at(a).dtype) > ElementBytes(tensors.at(b).dtype);
  });
  return order;
}

absl::StatusOr<std::string> DumpHeader(const Json& header) {
  try {
    std::string text = header.dump();
    text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
    return text;
  } catch (const Json::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat("names must be UTF-8: ", error.what()));
  }
}

}  // namespace

absl::Status WriteSafeTensors(const std::string& path, const TensorMap& tensors,
                              const std::map<std::string, std::string>& metadata) {
  Json header = Json::object();
  if (!metadata.empty()) {
    header["__metadata__"] = metadata;
  }
  const std::vector<std::string> order = DataOrder(tensors);
  int64_t offset = 0;
  for (const std::string& name : order) {
    const TensorView& tensor = tensors.at(name);
    LINGULA_ASSIGN_OR_RETURN(const int64_t bytes, TensorBytes(tensor.dtype, tensor.shape));
    if (name == "__metadata__" || bytes != static_cast<int64_t>(tensor.bytes.size())) {
      return absl::InvalidArgumentError(absl::StrCat("tensor \"", name, "\" of ",
                                                     tensor.bytes.size(),
                                                     " bytes: its name is reserved or its shape "
                                                     "needs ",
                                                     bytes));
    }
    header[name] = {{"dtype", std::string(DTypeName(tensor.dtype))},
                    {"shape", tensor.shape},
                    {"data_offsets", {offset, offset + bytes}}};
    offset += bytes;
  }
  LINGULA_ASSIGN_OR_RETURN(const std::string text, DumpHeader(header));
  std::string file;
  file.reserve(sizeof(uint64_t) + text.size() + offset);
  for (size_t i = 0; i < sizeof(uint64_t); ++i) {
    file.push_back(static_cast<char>(uint64_t{text.size()} >> (8 * i)));
  }
  file += text;
  for (const std::string& name : order) {
    absl::StrAppend(&file, tensors.at(name).bytes);
  }
  return WriteFile(path, file);
}

}  // namespace lingula
