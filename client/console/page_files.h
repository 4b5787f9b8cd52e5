// The files of page/, embedded when the program is built.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace lingula::console {

struct PageFile {
  std::string path;  // in the URL: "/console.css"; "/" for index.html
  std::string type;  // Content-Type
  absl::string_view content;
};

const std::vector<PageFile>& PageFiles();

}  // namespace lingula::console
