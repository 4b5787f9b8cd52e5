// The caller's own masks, to compare answers with.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "client/input_files.h"
#include "lingula/v1/quality.pb.h"

namespace lingula::cli {

// Which reference belongs to which image.
class References {
 public:
  // `path`: empty: there are none; a PNG file, for one image; a folder with STEM.png or, as --out
  // writes them, STEM.mask.png for the image STEM.jpg.
  // Errors   INVALID_ARGUMENT that says what is wrong with `path`.
  static absl::StatusOr<References> Open(const std::string& path, size_t images);

  // The content of the image's reference, empty when there are none.
  // Errors   NOT_FOUND: the folder has none for this image.
  absl::StatusOr<std::string> For(const InputFile& image) const;

 private:
  References(std::string path, bool is_folder) : path_(std::move(path)), is_folder_(is_folder) {}
  std::string path_;
  bool is_folder_;
};

// Agreement over many images.
class OverlapTally {
 public:
  void Add(const v1::Overlap& overlap);
  // "8 references: Dice 0.904 in the mean of 7, 0.921 over all pixels\n"; empty for fewer than two
  // references. Where both masks are empty there is no Dice.
  std::string Text() const;

 private:
  int images_ = 0, with_dice_ = 0;
  double dice_sum_ = 0;
  double true_positives_ = 0, false_ones_ = 0;
};

}  // namespace lingula::cli
