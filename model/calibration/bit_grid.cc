#include "model/calibration/bit_grid.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "model/base/clones.h"

namespace lingula {
namespace {

constexpr int kWordBits = 64;

// One byte a value, so that the comparison runs in vector registers.
LINGULA_CLONES void CompareWord(const float* values, float threshold, uint8_t* inside) {
  for (int i = 0; i < kWordBits; ++i) {
    inside[i] = values[i] >= threshold ? 1 : 0;
  }
}

// Bits of `count` words, the last one as far as `last` says.
LINGULA_CLONES int64_t CountBits(const uint64_t* words, int count, uint64_t last) {
  int64_t bits = 0;
  for (int i = 0; i + 1 < count; ++i) {
    bits += __builtin_popcountll(words[i]);
  }
  return count == 0 ? 0 : bits + __builtin_popcountll(words[count - 1] & last);
}

uint64_t PackWord(const uint8_t* inside) {
  // The product moves the lowest bit of byte i to bit 56 + i.
  constexpr uint64_t kGather = 0x0102040810204080;
  uint64_t word = 0;
  for (int byte = 0; byte < 8; ++byte) {
    uint64_t eight = 0;
    std::memcpy(&eight, inside + 8 * byte, sizeof(eight));
    word |= (eight * kGather >> 56) << (8 * byte);
  }
  return word;
}

// Pixels x with begin <= x < end.
struct Stretch {
  int begin, end;
  size_t part;
};

// The next stretch of ones from `from` on; empty at the end of the row.
Stretch NextStretch(const uint64_t* row, int words, int from) {
  const auto find = [&](int x, uint64_t flip) {  // the next bit that is not `flip`'s
    for (int word = x / kWordBits; word < words; ++word) {
      const uint64_t skip = word == x / kWordBits ? ~uint64_t{0} << (x % kWordBits) : ~uint64_t{0};
      if (const uint64_t left = (row[word] ^ flip) & skip; left != 0) {
        return word * kWordBits + __builtin_ctzll(left);
      }
    }
    return words * kWordBits;
  };
  const int begin = find(from, 0);
  return {begin, find(begin, ~uint64_t{0}), 0};
}

// Parts that grow together, with their sizes.
class Parts {
 public:
  size_t Add() {
    parent_.push_back(parent_.size());
    size_.push_back(0);
    return parent_.back();
  }
  void Grow(size_t part, int64_t pixels) { size_[Root(part)] += pixels; }
  void Join(size_t a, size_t b) {
    a = Root(a);
    b = Root(b);
    if (a != b) {
      parent_[b] = a;
      size_[a] += size_[b];
    }
  }
  std::vector<int64_t> Sizes() const {
    std::vector<int64_t> sizes;
    for (size_t part = 0; part < parent_.size(); ++part) {
      if (parent_[part] == part) {
        sizes.push_back(size_[part]);
      }
    }
    return sizes;
  }

 private:
  size_t Root(size_t part) {
    while (parent_[part] != part) {
      part = parent_[part] = parent_[parent_[part]];
    }
    return part;
  }

  std::vector<size_t> parent_;
  std::vector<int64_t> size_;
};

}  // namespace

BitGrid::BitGrid(int width, int height)
    : width_(width),
      height_(height),
      words_((width + kWordBits - 1) / kWordBits),
      bits_(static_cast<size_t>(words_) * height) {}

BitGrid::BitGrid(absl::Span<const float> values, int width, float threshold)
    : BitGrid(width, static_cast<int>(values.size()) / width) {
  for (int y = 0; y < height_; ++y) {
    const float* const from = values.data() + static_cast<int64_t>(y) * width_;
    for (int word = 0; word < words_; ++word) {
      const int x = word * kWordBits;
      const float* pixels = from + x;
      std::array<float, kWordBits> rest;
      if (x + kWordBits > width_) {  // filled up with what reaches no threshold
        std::fill(std::copy(pixels, from + width_, rest.begin()), rest.end(),
                  std::numeric_limits<float>::quiet_NaN());
        pixels = rest.data();
      }
      uint8_t inside[kWordBits];
      CompareWord(pixels, threshold, inside);
      row(y)[word] = PackWord(inside);
    }
  }
}

int64_t BitGrid::CountIn(int columns, int rows) const {
  const int words = (columns + kWordBits - 1) / kWordBits;
  int64_t count = 0;
  for (int y = 0; y < rows; ++y) {
    count += CountBits(row(y), words, ~uint64_t{0} >> (words * kWordBits - columns));
  }
  return count;
}

BitGrid BitGrid::Inverted() const {
  BitGrid inverted(width_, height_);
  std::transform(bits_.begin(), bits_.end(), inverted.bits_.begin(),
                 [](uint64_t word) { return ~word; });
  for (int y = 0; y < height_; ++y) {
    inverted.row(y)[words_ - 1] &= LastWord();
  }
  return inverted;
}

BitGrid BitGrid::GrownBy(int radius) const {
  BitGrid wide(width_, height_);
  for (int y = 0; y < height_; ++y) {
    const uint64_t* const from = row(y);
    for (int word = 0; word < words_; ++word) {
      const uint64_t before = word > 0 ? from[word - 1] : 0;
      const uint64_t after = word + 1 < words_ ? from[word + 1] : 0;
      uint64_t grown = from[word];
      for (int d = 1; d <= radius; ++d) {
        grown |= from[word] << d | before >> (kWordBits - d) | from[word] >> d |
                 after << (kWordBits - d);
      }
      wide.row(y)[word] = grown;
    }
    wide.row(y)[words_ - 1] &= LastWord();
  }
  BitGrid grown(width_, height_);
  for (int y = 0; y < height_; ++y) {
    for (int near = std::max(0, y - radius); near <= std::min(height_ - 1, y + radius); ++near) {
      std::transform(wide.row(near), wide.row(near) + words_, grown.row(y), grown.row(y),
                     [](uint64_t a, uint64_t b) { return a | b; });
    }
  }
  return grown;
}

BitGrid BitGrid::BandOf(int radius) const {
  BitGrid band = GrownBy(radius);
  const BitGrid outside = Inverted().GrownBy(radius);
  std::transform(band.bits_.begin(), band.bits_.end(), outside.bits_.begin(), band.bits_.begin(),
                 [](uint64_t a, uint64_t b) { return a & b; });
  return band;
}

std::vector<int64_t> BitGrid::PartSizes() const {
  Parts parts;
  std::vector<Stretch> above, here;
  for (int y = 0; y < height_; ++y) {
    here.clear();
    auto near = above.begin();
    for (Stretch stretch = NextStretch(row(y), words_, 0); stretch.begin < width_;
         stretch = NextStretch(row(y), words_, stretch.end)) {
      while (near != above.end() && near->end < stretch.begin) {
        ++near;
      }
      const bool touches = near != above.end() && near->begin <= stretch.end;
      stretch.part = touches ? near->part : parts.Add();
      parts.Grow(stretch.part, stretch.end - stretch.begin);
      for (auto other = near; other != above.end() && other->begin <= stretch.end; ++other) {
        parts.Join(stretch.part, other->part);
      }
      here.push_back(stretch);
    }
    above.swap(here);
  }
  return parts.Sizes();
}

}  // namespace lingula
