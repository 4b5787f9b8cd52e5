#include "model/eval/distances.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/eval/ranks.h"

namespace lingula {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Lower envelope of the parabolas (x - i)^2 + heights[i], sampled at each i.
class Envelope {
 public:
  explicit Envelope(size_t length) : centres_(length), starts_(length), heights_(length) {}

  // `values` holds `length` heights, `stride` apart, and gets the envelope.
  void Apply(double* values, size_t stride) {
    const size_t length = heights_.size();
    for (size_t i = 0; i < length; ++i) {
      heights_[i] = values[i * stride];
    }
    size_t count = 0;
    for (size_t i = 0; i < length; ++i) {
      if (heights_[i] != kInfinity) {
        count = Push(i, count);
      }
    }
    for (size_t i = 0, k = 0; i < length && count > 0; ++i) {
      while (k + 1 < count && starts_[k + 1] <= static_cast<double>(i)) {
        ++k;
      }
      const double offset = static_cast<double>(i) - static_cast<double>(centres_[k]);
      values[i * stride] = offset * offset + heights_[centres_[k]];
    }
  }

 private:
  // Adds the parabola at i, which hides those it undercuts. Returns how many are left.
  size_t Push(size_t i, size_t count) {
    double start = -kInfinity;
    for (; count > 0; --count) {
      start = Crossing(centres_[count - 1], i);
      if (start > starts_[count - 1]) {
        break;
      }
      start = -kInfinity;
    }
    centres_[count] = i;
    starts_[count] = start;
    return count + 1;
  }

  // Where the parabola at j (> i) goes below the one at i.
  double Crossing(size_t i, size_t j) const {
    const auto a = static_cast<double>(i), b = static_cast<double>(j);
    return (heights_[j] + b * b - heights_[i] - a * a) / (2 * (b - a));
  }

  std::vector<size_t> centres_;
  std::vector<double> starts_, heights_;
};

// Columns [left, right) of rows [top, bottom).
struct Box {
  size_t left, top, right, bottom;
  size_t width() const { return right - left; }
};

// The smallest one around two masks of which one has a pixel.
Box BoxAround(absl::Span<const uint8_t> one, absl::Span<const uint8_t> other, int width) {
  const auto columns = static_cast<size_t>(width);
  Box box{columns, one.size() / columns, 0, 0};
  for (size_t i = 0; i < one.size(); ++i) {
    if ((one[i] | other[i]) != 0) {
      const size_t x = i % columns, y = i / columns;
      box = {std::min(box.left, x), std::min(box.top, y), std::max(box.right, x + 1), y + 1};
    }
  }
  return box;
}

std::vector<uint8_t> Crop(absl::Span<const uint8_t> mask, int width, const Box& box) {
  std::vector<uint8_t> part;
  part.reserve(box.width() * (box.bottom - box.top));
  for (size_t y = box.top; y < box.bottom; ++y) {
    const auto row = mask.subspan(y * static_cast<size_t>(width) + box.left, box.width());
    part.insert(part.end(), row.begin(), row.end());
  }
  return part;
}

bool Any(absl::Span<const uint8_t> mask) {
  return std::any_of(mask.begin(), mask.end(), [](uint8_t value) { return value != 0; });
}

double Directed95(const std::vector<uint8_t>& from, const std::vector<uint8_t>& to, int width) {
  const std::vector<double> squared = SquaredDistances(to, width);
  std::vector<double> distances;
  for (size_t i = 0; i < from.size(); ++i) {
    if (from[i] != 0) {
      distances.push_back(std::sqrt(squared[i]));
    }
  }
  return Quantile(std::move(distances), 0.95);
}

}  // namespace

std::vector<double> SquaredDistances(absl::Span<const uint8_t> set, int width) {
  std::vector<double> distances(set.size());
  for (size_t i = 0; i < set.size(); ++i) {
    distances[i] = set[i] != 0 ? 0 : kInfinity;
  }
  const auto columns = static_cast<size_t>(width);
  const size_t rows = set.size() / columns;
  Envelope down(rows), across(columns);
  for (size_t x = 0; x < columns; ++x) {
    down.Apply(distances.data() + x, columns);
  }
  for (size_t y = 0; y < rows; ++y) {
    across.Apply(distances.data() + y * columns, 1);
  }
  return distances;
}

std::vector<uint8_t> Outline(absl::Span<const uint8_t> mask, int width) {
  const int height = static_cast<int>(mask.size()) / width;
  const auto in = [&](int x, int y) {
    return x >= 0 && y >= 0 && x < width && y < height && mask[size_t{1} * y * width + x] != 0;
  };
  std::vector<uint8_t> outline(mask.size(), 0);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool inner = in(x - 1, y) && in(x + 1, y) && in(x, y - 1) && in(x, y + 1);
      outline[size_t{1} * y * width + x] = in(x, y) && !inner ? 1 : 0;
    }
  }
  return outline;
}

double Hausdorff95(absl::Span<const uint8_t> one, absl::Span<const uint8_t> other, int width) {
  const bool there = Any(one);
  if (there != Any(other)) {
    return std::nan("");
  }
  if (!there) {
    return 0;
  }
  // Pixels around both masks change no distance, and there are many of them.
  const Box box = BoxAround(one, other, width);
  const int columns = static_cast<int>(box.width());
  const auto outline = Outline(Crop(one, width, box), columns);
  const auto other_outline = Outline(Crop(other, width, box), columns);
  return std::max(Directed95(outline, other_outline, columns),
                  Directed95(other_outline, outline, columns));
}

}  // namespace lingula
