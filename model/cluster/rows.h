// Points as the rows of a borrowed row-major matrix.
#pragma once

#include <cmath>
#include <cstddef>

#include "absl/types/span.h"

namespace lingula {

// T is float or double. A value: copies borrow the same memory.
template <typename T>
class Rows {
 public:
  // `values` holds whole rows of `width` > 0 values.
  Rows(absl::Span<const T> values, size_t width) : values_(values), width_(width) {}

  size_t count() const { return values_.size() / width_; }
  size_t width() const { return width_; }
  absl::Span<const T> values() const { return values_; }
  absl::Span<const T> operator[](size_t row) const {
    return absl::Span<const T>(values_.data() + row * width_, width_);
  }
  bool AllFinite() const {
    for (const T value : values_) {
      if (!std::isfinite(value)) {
        return false;
      }
    }
    return true;
  }

 private:
  absl::Span<const T> values_;
  size_t width_;
};

// |a - b|^2 of two points of one length. Summed in double, in four strands that can run side by
// side.
template <typename A, typename B>
double SquaredDistance(absl::Span<const A> a, absl::Span<const B> b) {
  double sums[4] = {};
  const size_t size = a.size();
  size_t i = 0;
  for (; i + 4 <= size; i += 4) {
    for (size_t k = 0; k < 4; ++k) {
      const double d = static_cast<double>(a[i + k]) - static_cast<double>(b[i + k]);
      sums[k] += d * d;
    }
  }
  for (; i < size; ++i) {
    const double d = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sums[0] += d * d;
  }
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace lingula
