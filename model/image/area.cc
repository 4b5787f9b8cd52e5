#include "model/image/area.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/base/clones.h"

namespace lingula {
namespace {

// The source values [first, last] that an output value covers: the outer ones in part, those
// between in full.
struct Cover {
  int first = 0, last = 0;
  float first_weight = 1, last_weight = 1;
};

std::vector<Cover> MakeCovers(int from, int to) {
  std::vector<Cover> covers(to);
  for (int i = 0; i < to; ++i) {
    // In whole numbers, in units of 1 / to: neighbours meet without a gap.
    const int64_t begin = static_cast<int64_t>(i) * from;
    const int64_t end = begin + from;
    Cover& cover = covers[i];
    cover.first = static_cast<int>(begin / to);
    cover.last = static_cast<int>((end - 1) / to);
    const auto part = [to](int64_t units) {
      return static_cast<float>(units) / static_cast<float>(to);
    };
    cover.first_weight = part(std::min(end, (cover.first + int64_t{1}) * to) - begin);
    cover.last_weight = part(end - static_cast<int64_t>(cover.last) * to);
  }
  return covers;
}

template <typename T>
LINGULA_INLINE void AddRow(const T* row, float weight, int count, float* sums) {
  for (int i = 0; i < count; ++i) {
    sums[i] += weight * static_cast<float>(row[i]);
  }
}

// One for each type: a template cannot have clones.
LINGULA_CLONES void Add(const uint8_t* row, float weight, int count, float* sums) {
  AddRow(row, weight, count, sums);
}
LINGULA_CLONES void Add(const uint16_t* row, float weight, int count, float* sums) {
  AddRow(row, weight, count, sums);
}

template <typename T>
void AddRows(const cv::Mat& pixels, const Cover& rows, std::vector<float>& sums) {
  std::fill(sums.begin(), sums.end(), 0.0F);
  for (int y = rows.first; y <= rows.last; ++y) {
    const float weight =
        y == rows.first ? rows.first_weight : (y == rows.last ? rows.last_weight : 1.0F);
    Add(pixels.ptr<T>(y), weight, static_cast<int>(sums.size()), sums.data());
  }
}

void AcrossRow(const std::vector<float>& sums, const std::vector<Cover>& columns, int channels,
               float scale, float* out) {
  for (const Cover& cover : columns) {
    for (int c = 0; c < channels; ++c) {
      const float* at = sums.data() + c;
      float sum = cover.first_weight * at[static_cast<size_t>(cover.first) * channels];
      for (int x = cover.first + 1; x < cover.last; ++x) {
        sum += at[static_cast<size_t>(x) * channels];
      }
      if (cover.last > cover.first) {
        sum += cover.last_weight * at[static_cast<size_t>(cover.last) * channels];
      }
      *out++ = sum * scale;
    }
  }
}

}  // namespace

cv::Mat AreaMeans(const cv::Mat& pixels, cv::Size to) {
  const int channels = pixels.channels();
  const std::vector<Cover> rows = MakeCovers(pixels.rows, to.height);
  const std::vector<Cover> columns = MakeCovers(pixels.cols, to.width);
  // Rows first: their sums run through memory in order, and only `to.height` rows are left for the
  // walk across.
  std::vector<float> sums(static_cast<size_t>(pixels.cols) * channels);
  const double covered = static_cast<double>(pixels.total()) / (1.0 * to.height * to.width);
  cv::Mat means(to, CV_32FC(channels));
  for (int y = 0; y < to.height; ++y) {
    if (pixels.depth() == CV_8U) {
      AddRows<uint8_t>(pixels, rows[y], sums);
    } else {
      AddRows<uint16_t>(pixels, rows[y], sums);
    }
    AcrossRow(sums, columns, channels, static_cast<float>(1 / covered), means.ptr<float>(y));
  }
  return means;
}

}  // namespace lingula
