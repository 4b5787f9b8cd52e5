// A small mask with a bit a pixel, for figures about places that are taken of every answer: a word
// at a time they cost a few microseconds where a byte a pixel costs hundreds.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace lingula {

// Pixels of rows from the top, each from the left, at bit x % 64 of word x / 64. Bits beyond the
// width are 0.
class BitGrid {
 public:
  // `values` [height, width]: in the mask where value >= threshold; a NaN is not.
  BitGrid(absl::Span<const float> values, int width, float threshold);

  bool At(int x, int y) const { return (row(y)[x / 64] >> (x % 64) & 1) != 0; }
  int width() const { return width_; }
  int height() const { return height_; }

  int64_t Count() const { return CountIn(width_, height_); }
  // In the first `columns` of the first `rows`.
  int64_t CountIn(int columns, int rows) const;
  // Pixels that have both the mask and its outside at most `radius` (0 to 63) pixels away in both
  // directions. What lies beyond the grid is neither.
  BitGrid BandOf(int radius) const;
  // Sizes of its connected parts, neighbours at corners included, in no order.
  std::vector<int64_t> PartSizes() const;
  // Calls visit(index of a pixel in row-major order) for each pixel of the mask, in order.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (int y = 0; y < height_; ++y) {
      for (int word = 0; word < words_; ++word) {
        for (uint64_t left = row(y)[word]; left != 0; left &= left - 1) {
          visit(static_cast<int64_t>(y) * width_ + word * 64 + __builtin_ctzll(left));
        }
      }
    }
  }

 private:
  BitGrid(int width, int height);
  uint64_t* row(int y) { return bits_.data() + static_cast<int64_t>(y) * words_; }
  const uint64_t* row(int y) const { return bits_.data() + static_cast<int64_t>(y) * words_; }
  // Bits of a row's last word that are pixels.
  uint64_t LastWord() const { return ~uint64_t{0} >> (words_ * 64 - width_); }
  BitGrid Inverted() const;
  BitGrid GrownBy(int radius) const;

  int width_, height_, words_;
  std::vector<uint64_t> bits_;
};

}  // namespace lingula
