#include "client/references.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/base/file.h"

namespace lingula::cli {

namespace fs = std::filesystem;

absl::StatusOr<References> References::Open(const std::string& path, size_t images) {
  std::error_code ignored;
  const bool is_folder = fs::is_directory(path, ignored);
  if (!path.empty() && !is_folder && !fs::is_regular_file(path, ignored)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--reference ", path, ": no such file or folder"));
  }
  if (!path.empty() && !is_folder && images != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("--reference ", path, ": a file is the reference of one image, got ", images,
                     " images; name a folder that holds STEM.png for each"));
  }
  return References(path, is_folder);
}

absl::StatusOr<std::string> References::For(const InputFile& image) const {
  if (path_.empty() || !is_folder_) {
    return path_.empty() ? std::string() : ReadFile(path_);
  }
  const std::string stem = StemOf(image.path);
  for (const char* ending : {".png", ".mask.png"}) {
    const std::string file = absl::StrCat(path_, "/", stem, ending);
    std::error_code ignored;
    if (fs::is_regular_file(file, ignored)) {
      return ReadFile(file);
    }
  }
  return absl::NotFoundError(absl::StrCat("no reference: there is neither ", path_, "/", stem,
                                          ".png nor ", stem, ".mask.png"));
}

void OverlapTally::Add(const v1::Overlap& overlap) {
  ++images_;
  if (overlap.has_dice()) {
    ++with_dice_;
    dice_sum_ += overlap.dice();
  }
  true_positives_ += static_cast<double>(overlap.true_positive_pixels());
  false_ones_ += static_cast<double>(overlap.false_positive_pixels()) +
                 static_cast<double>(overlap.false_negative_pixels());
}

std::string OverlapTally::Text() const {
  if (images_ < 2) {
    return "";
  }
  if (with_dice_ == 0) {
    return absl::StrFormat("%d references: all masks are empty\n", images_);
  }
  return absl::StrFormat("%d references: Dice %.4f in the mean of %d, %.4f over all pixels\n",
                         images_, dice_sum_ / with_dice_, with_dice_,
                         2 * true_positives_ / (2 * true_positives_ + false_ones_));
}

}  // namespace lingula::cli
