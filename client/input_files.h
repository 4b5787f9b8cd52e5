// Which files to send, and what their results are called.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace lingula::cli {

// True for names that end like a PNG or JPEG file.
bool HasImageEnding(const std::string& path);

struct InputFile {
  std::string path;
  std::string name;  // for result files: the path's stem, made unique by "-2", "-3"
};
struct Inputs {
  std::vector<InputFile> files;
  std::vector<std::string> problems;  // inputs that hold nothing to send, in words
};

// Files stay as they are, in order; a folder stands for the images right inside it, sorted by name.
Inputs ExpandInputs(const std::vector<std::string>& inputs);

// Settles what the word after "--overlay" is. The option's value may be left out, so the word is
// the folder for overlays unless it is a file to segment: an existing plain file, or something that
// ends like an image and is no folder. Such an "--overlay" becomes "--overlay=-": the folder of
// --out.
std::vector<std::string> SettleOverlay(std::vector<std::string> words);

}  // namespace lingula::cli
