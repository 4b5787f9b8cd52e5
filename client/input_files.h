// Which files to send, and what their results are called.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula::cli {

// True for names that end like a PNG or JPEG file.
bool HasImageEnding(const std::string& path);

// True for the content of a DICOM Part 10 file: "DICM" behind 128 bytes (PS3.10, 7.1).
bool HasDicomPreamble(absl::string_view content);

// The name without folders and without an ending that names a kind of file. DICOM files are often
// called by a UID, of which the last number is no ending: "1.2.840.3" stays whole.
std::string StemOf(const std::string& path);

struct InputFile {
  std::string path;
  std::string name;  // for result files: the path's stem, made unique by "-2", "-3"; of a file
                     // found in a folder below an input, with that folder: "series1/IM0003"
};
struct Inputs {
  std::vector<InputFile> files;
  std::vector<std::string> problems;  // inputs that hold nothing to send, in words
};

// Files stay as they are, in order; a folder stands for the images in it, sorted by path: PNG and
// JPEG by their ending, DICOM by content. `recursive`: those in folders below it too; links to
// folders are not followed. Results that this program has written, DICOMDIR and hidden files are no
// images.
Inputs ExpandInputs(const std::vector<std::string>& inputs, bool recursive);

// Settles what the word after "--overlay" is. The option's value may be left out, so the word is
// the folder for overlays unless it is a file to segment: an existing plain file, or something that
// ends like an image and is no folder. Such an "--overlay" becomes "--overlay=-": the folder of
// --out.
std::vector<std::string> SettleOverlay(std::vector<std::string> words);

}  // namespace lingula::cli
