#include "model/image/preprocess.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>

#include <opencv2/core.hpp>

#include "absl/strings/str_cat.h"
#include "model/base/clones.h"
#include "model/image/area.h"
#include "model/image/enlarge.h"

namespace lingula {
namespace {

constexpr int kTaps = 4;

// Where an output row or column takes its value from: source indices, clamped at the border, and
// their weights, which add up to 1.
struct Tap {
  std::array<int, kTaps> index;
  std::array<float, kTaps> weight;
};

// Weights of Keys' cubic kernel with a = -0.75 for a point `t` in [0, 1) after the second source
// point. All arithmetic is float32 in the order of torch's kernel, which the networks were trained
// with: double would differ from it by up to 3e-5 after normalisation.
std::array<float, kTaps> CubicWeights(float t) {
  constexpr float kA = -0.75F;
  const auto near = [](float x) { return ((kA + 2) * x - (kA + 3)) * x * x + 1; };
  const auto far = [](float x) { return ((kA * x - 5 * kA) * x + 8 * kA) * x - 4 * kA; };
  const float u = 1 - t;
  return {far(t + 1), near(t), near(u), far(u + 1)};
}

std::vector<Tap> MakeTaps(int from, int to) {
  std::vector<Tap> taps(to);
  const float scale = static_cast<float>(from) / static_cast<float>(to);
  for (int i = 0; i < to; ++i) {
    // Half-pixel centres; rounded once, as torch's vector code does.
    const float place = std::fma(scale, static_cast<float>(i) + 0.5F, -0.5F);
    const int first = static_cast<int>(std::floor(place));
    taps[i].weight = CubicWeights(place - static_cast<float>(first));
    for (int k = 0; k < kTaps; ++k) {
      taps[i].index[k] = std::clamp(first - 1 + k, 0, from - 1);
    }
  }
  return taps;
}

// One channel of `pixels` at side x side, rows first. Only the source values that a tap names are
// read, so the cost depends on the output's size.
template <typename T>
void ResizeChannel(const cv::Mat& pixels, int channel, int side, float* out) {
  const int step = pixels.channels();
  const std::vector<Tap> columns = MakeTaps(pixels.cols, side);
  const std::vector<Tap> rows = MakeTaps(pixels.rows, side);
  for (const Tap& row : rows) {
    std::array<const T*, kTaps> source;
    for (int k = 0; k < kTaps; ++k) {
      source[k] = pixels.ptr<T>(row.index[k]) + channel;
    }
    for (const Tap& column : columns) {
      float sum = 0;
      for (int k = 0; k < kTaps; ++k) {
        float across = 0;
        for (int j = 0; j < kTaps; ++j) {
          across += static_cast<float>(source[k][column.index[j] * step]) * column.weight[j];
        }
        sum += across * row.weight[k];
      }
      *out++ = sum;
    }
  }
}

template <typename T>
void CopyChannel(const cv::Mat& pixels, int channel, float* out) {
  for (int y = 0; y < pixels.rows; ++y) {
    const T* row = pixels.ptr<T>(y) + channel;
    for (int x = 0; x < pixels.cols; ++x) {
      *out++ = row[x * pixels.channels()];
    }
  }
}

template <typename T>
void FillChannelOf(const cv::Mat& pixels, int channel, int side, float* out) {
  if (pixels.rows == side && pixels.cols == side) {
    CopyChannel<T>(pixels, channel, out);
  } else {
    ResizeChannel<T>(pixels, channel, side, out);
  }
}

void FillChannel(const cv::Mat& pixels, int channel, int side, float* out) {
  switch (pixels.depth()) {
    case CV_8U:
      return FillChannelOf<uint8_t>(pixels, channel, side, out);
    case CV_16U:
      return FillChannelOf<uint16_t>(pixels, channel, side, out);
    default:
      return FillChannelOf<float>(pixels, channel, side, out);
  }
}

// Sum of (x - mean)^power over all values, in lanes that fill vector registers.
template <int power>
LINGULA_INLINE double SumOf(const float* values, int count, double mean) {
  constexpr int kLanes = 16;
  std::array<double, kLanes> sums{};
  const auto add = [&](int lane, float value) {
    const double x = value - mean;
    sums[lane] += power == 1 ? x : x * x;
  };
  int i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int lane = 0; lane < kLanes; ++lane) {
      add(lane, values[i + lane]);
    }
  }
  for (; i < count; ++i) {
    add(0, values[i]);
  }
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

LINGULA_CLONES double Sum(const float* values, int count) {
  return SumOf<1>(values, count, 0);
}

LINGULA_CLONES double SquaresAbout(double mean, const float* values, int count) {
  return SumOf<2>(values, count, mean);
}

LINGULA_CLONES void Shift(double mean, double scale, float* values, int count) {
  for (int i = 0; i < count; ++i) {
    values[i] = static_cast<float>((values[i] - mean) * scale);
  }
}

// In place (x - mean) / population standard deviation. False, and all zeros, when the values are
// equal but for rounding.
bool Normalize(float* values, int count) {
  const double mean = Sum(values, count) / count;
  const double deviation = std::sqrt(SquaresAbout(mean, values, count) / count);
  // Resizing equal values leaves noise of about 1e-7 of them.
  constexpr double kNoise = 2e-6;
  if (deviation <= kNoise * std::max(1.0, std::abs(mean))) {
    std::fill_n(values, count, 0.0F);
    return false;
  }
  Shift(mean, 1 / deviation, values, count);
  return true;
}

absl::Status CheckPixels(const cv::Mat& pixels, const InputSpec& spec) {
  if (pixels.empty() || (pixels.depth() != CV_8U && pixels.depth() != CV_16U) ||
      pixels.channels() != spec.channels || spec.side_px < 1) {
    return absl::InternalError(absl::StrCat("preprocessing wants 8 or 16 bits in ", spec.channels,
                                            " channels and a side of 1 or more pixels"));
  }
  return absl::OkStatus();
}

// Along each axis at most `side` long.
cv::Mat Reduced(const cv::Mat& pixels, int side) {
  if (pixels.rows <= side && pixels.cols <= side) {
    return pixels;
  }
  return AreaMeans(pixels, {std::min(pixels.cols, side), std::min(pixels.rows, side)});
}

}  // namespace

absl::StatusOr<std::vector<float>> Preprocess(const cv::Mat& picture, const InputSpec& spec) {
  if (absl::Status status = CheckPixels(picture, spec); !status.ok()) {
    return status;
  }
  const cv::Mat pixels = spec.antialias ? Reduced(picture, spec.side_px) : picture;
  const int area = spec.side_px * spec.side_px;
  std::vector<float> input(static_cast<size_t>(spec.channels) * area);
  bool contrast = false;
  for (int c = 0; c < spec.channels; ++c) {
    const int source = spec.channels - 1 - c;  // OpenCV keeps blue first, networks want red first
    float* out = input.data() + static_cast<size_t>(c) * area;
    FillChannel(pixels, source, spec.side_px, out);
    contrast |= Normalize(out, area);
    if (spec.transpose) {
      cv::Mat plane(spec.side_px, spec.side_px, CV_32FC1, out);
      cv::transpose(plane, plane);  // in place: the plane is square
    }
  }
  if (!contrast) {
    return absl::InvalidArgumentError(
        "image: all pixels have the same value; a picture needs contrast to be segmented");
  }
  return input;
}

cv::Mat UprightProbabilities(const std::vector<float>& probabilities, const InputSpec& spec) {
  const cv::Mat given(spec.side_px, spec.side_px, CV_32FC1,
                      const_cast<float*>(probabilities.data()));
  return spec.transpose ? cv::Mat(given.t()) : given.clone();
}

cv::Mat RestoreProbabilities(const std::vector<float>& probabilities, const InputSpec& spec,
                             cv::Size size) {
  EnlargedRows rows(UprightProbabilities(probabilities, spec), size);
  cv::Mat restored(size, CV_32FC1);
  for (int y = 0; y < size.height; ++y) {
    std::copy_n(rows.Row(y), size.width, restored.ptr<float>(y));
  }
  return restored;
}

}  // namespace lingula
