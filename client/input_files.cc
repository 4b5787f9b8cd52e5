#include "client/input_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace lingula::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kPreambleBytes = 128;
constexpr absl::string_view kMagic = "DICM";

// Endings of results (MaskFile, ReportFile): a second run must not segment what the first one
// wrote.
bool IsResult(const std::string& path) {
  for (const char* ending : {".mask.png", ".overlay.png", ".seg.dcm", ".sr.dcm"}) {
    if (absl::EndsWithIgnoreCase(path, ending)) {
      return true;
    }
  }
  return false;
}

bool HoldsDicom(const fs::path& path) {
  std::string start(kPreambleBytes + kMagic.size(), '\0');
  std::ifstream file(path, std::ios::binary);
  return file.read(start.data(), static_cast<std::streamsize>(start.size())) &&
         HasDicomPreamble(start);
}

bool IsImage(const fs::directory_entry& entry) {
  std::error_code ignored;  // an entry that vanished is no image
  const std::string name = entry.path().filename().string();
  return entry.is_regular_file(ignored) && !absl::StartsWith(name, ".") && name != "DICOMDIR" &&
         !IsResult(name) && (HasImageEnding(name) || HoldsDicom(entry.path()));
}

template <typename Iterator>
std::vector<std::string> ImagesBelow(const std::string& folder, std::error_code& error) {
  std::vector<std::string> images;
  for (Iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (IsImage(*entry)) {
      images.push_back(entry->path().string());
    }
  }
  std::sort(images.begin(), images.end());
  return images;
}

// `folder`: the input under which `path` was found; empty for a file that was named itself.
std::string UniqueName(const std::string& path, const std::string& folder,
                       std::set<std::string>& taken) {
  std::string stem = StemOf(path);
  if (!folder.empty()) {
    stem = (fs::path(path).parent_path().lexically_relative(folder) / stem)
               .lexically_normal()
               .generic_string();
  }
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

bool HasDicomPreamble(absl::string_view content) {
  return content.size() >= kPreambleBytes + kMagic.size() &&
         content.substr(kPreambleBytes, kMagic.size()) == kMagic;
}

std::string StemOf(const std::string& path) {
  const fs::path name = fs::path(path).filename();
  const std::string ending = name.extension().string();
  const bool is_number =
      ending.size() > 1 &&
      std::all_of(ending.begin() + 1, ending.end(), [](char c) { return absl::ascii_isdigit(c); });
  return is_number ? name.string() : name.stem().string();
}

Inputs ExpandInputs(const std::vector<std::string>& inputs, bool recursive) {
  Inputs expanded;
  std::set<std::string> taken;
  for (const std::string& input : inputs) {
    std::error_code error;
    std::vector<std::string> paths = {input};
    const bool is_folder = fs::is_directory(input, error);
    if (is_folder) {
      paths = recursive ? ImagesBelow<fs::recursive_directory_iterator>(input, error)
                        : ImagesBelow<fs::directory_iterator>(input, error);
      if (error) {
        expanded.problems.push_back(absl::StrCat(input, ": ", error.message()));
      } else if (paths.empty()) {
        expanded.problems.push_back(
            absl::StrCat(input, ": no PNG, JPEG or DICOM files in this folder",
                         recursive ? "" : "; --recursive looks into folders below it"));
      }
    }
    for (const std::string& path : paths) {
      expanded.files.push_back({path, UniqueName(path, is_folder ? input : "", taken)});
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
