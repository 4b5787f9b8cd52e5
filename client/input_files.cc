#include "client/input_files.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace lingula::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> ImagesIn(const std::string& folder, std::error_code& error) {
  std::vector<std::string> images;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;  // an entry that vanished is no image
    if (HasImageEnding(entry->path().string()) && entry->is_regular_file(ignored)) {
      images.push_back(entry->path().string());
    }
  }
  std::sort(images.begin(), images.end());
  return images;
}

std::string UniqueName(const std::string& path, std::set<std::string>& taken) {
  const std::string stem = fs::path(path).stem().string();
  std::string name = stem;
  for (int i = 2; !taken.insert(name).second; ++i) {
    name = absl::StrCat(stem, "-", i);
  }
  return name;
}

}  // namespace

bool HasImageEnding(const std::string& path) {
  return absl::EndsWithIgnoreCase(path, ".png") || absl::EndsWithIgnoreCase(path, ".jpg") ||
         absl::EndsWithIgnoreCase(path, ".jpeg");
}

Inputs ExpandInputs(const std::vector<std::string>& inputs) {
  Inputs expanded;
  std::set<std::string> taken;
  for (const std::string& input : inputs) {
    std::error_code error;
    std::vector<std::string> paths = {input};
    if (fs::is_directory(input, error)) {
      paths = ImagesIn(input, error);
      if (error) {
        expanded.problems.push_back(absl::StrCat(input, ": ", error.message()));
      } else if (paths.empty()) {
        expanded.problems.push_back(absl::StrCat(input, ": no PNG or JPEG files in this folder"));
      }
    }
    for (const std::string& path : paths) {
      expanded.files.push_back({path, UniqueName(path, taken)});
    }
  }
  return expanded;
}

std::vector<std::string> SettleOverlay(std::vector<std::string> words) {
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    std::error_code ignored;
    const std::string& next = words[i + 1];
    if (words[i] == "--overlay" && (fs::is_regular_file(next, ignored) ||
                                    (HasImageEnding(next) && !fs::is_directory(next, ignored)))) {
      words[i] = "--overlay=-";
    }
  }
  return words;
}

}  // namespace lingula::cli
