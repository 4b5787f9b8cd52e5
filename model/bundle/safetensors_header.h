// The header of a safetensors file (model/bundle/safetensors.h), read and checked.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/bundle/safetensors.h"

namespace lingula {

struct SafeTensorsHeader {
  std::map<std::string, TensorView> tensors;  // views into the file
  std::map<std::string, std::string> metadata;
};

// `file` is the whole file. Errors as for SafeTensors::Open, without the path.
absl::StatusOr<SafeTensorsHeader> ReadSafeTensorsHeader(absl::string_view file);

}  // namespace lingula
