// Which training images have a caption, and what it says of a varied image.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lingula/train/v1/recipe.pb.h"
#include "model/train/augment.h"
#include "model/train/image_cache.h"

namespace lingula {

// The first `fraction` (rounded up) of `rows` in an order that `seed` decides; ascending.
std::vector<int64_t> ChooseRows(std::vector<int64_t> rows, double fraction, uint64_t seed);

class PairCaptions {
 public:
  // Of the images with a caption in the data manifest, or with zones, whose report the grammar
  // writes, text_fraction (rounded up) are chosen, decided by `seed` alone.
  // Errors   INVALID_ARGUMENT: fewer than two captions, or images without zones where labels are
  //          zones.
  static absl::StatusOr<PairCaptions> Of(const ImageCache& train, const train::v1::Recipe& recipe,
                                         uint64_t seed = 0);

  // Rows of the cache with a caption, ascending; their captions for unvaried images.
  const std::vector<int64_t>& rows() const { return rows_; }
  const std::vector<std::string>& captions() const { return captions_; }
  bool all() const { return all_; }  // every image has one

  // For each sample of a batch its caption; empty where it has none.
  std::vector<std::string> For(const TrainBatch& batch) const;

 private:
  bool has(int64_t row) const { return place_[row] >= 0; }
  std::string Fitted(const TrainBatch& batch, int64_t sample, int64_t row) const;

  bool as_written_ = false, transposed_ = false, all_ = false;
  std::vector<int64_t> rows_, place_;  // place_: of each row of the cache, in rows_; -1
  std::vector<std::string> captions_;
  std::vector<bool> zoned_;  // of each of rows_: its zones are known
};

// The zones of one row of [B, 6].
ZoneBits ZonesOf(const torch::Tensor& zones, int64_t row);

}  // namespace lingula
