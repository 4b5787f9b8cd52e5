#include "model/dicom/grey_levels.h"

#include <algorithm>
#include <cmath>

#include <opencv2/core.hpp>

namespace lingula {
namespace {

// Which table index a stored sample has, and which value an index stands for.
class StoredValues {
 public:
  StoredValues(const StoredFrame& frame, bool is_signed)
      : shift_(frame.high_bit + 1 - frame.bits_stored),
        bits_(frame.bits_stored),
        is_signed_(is_signed) {}

  uint32_t count() const { return 1U << bits_; }
  uint32_t IndexOf(uint32_t sample) const { return sample >> shift_ & (count() - 1); }
  int64_t ValueAt(uint32_t index) const {
    const bool negative = is_signed_ && (index >> (bits_ - 1) & 1) != 0;
    return negative ? int64_t{index} - count() : int64_t{index};
  }

 private:
  int shift_, bits_;
  bool is_signed_;
};

bool IsPadding(const GreyChain& chain, int64_t value) {
  return chain.padding_low.has_value() && value >= *chain.padding_low &&
         value <= *chain.padding_high;
}

double Modality(const GreyChain& chain, int64_t value) {
  const auto stored = static_cast<double>(value);
  return chain.modality.has_value() ? chain.modality->At(stored)
                                    : stored * chain.slope + chain.intercept;
}

// Smallest and largest value of the picture after the modality step, padding left out.
Window Spread(const GreyChain& chain, const cv::Mat& samples, const StoredValues& values) {
  std::vector<uint8_t> seen(values.count(), 0);
  for (int y = 0; y < samples.rows; ++y) {
    for (int x = 0; x < samples.cols; ++x) {
      const uint32_t sample =
          samples.depth() == CV_8U ? samples.ptr<uint8_t>(y)[x] : samples.ptr<uint16_t>(y)[x];
      seen[values.IndexOf(sample)] = 1;
    }
  }
  double low = 0;
  double high = 0;
  bool any = false;
  for (uint32_t i = 0; i < values.count(); ++i) {
    if (seen[i] == 0 || IsPadding(chain, values.ValueAt(i))) {
      continue;
    }
    const double value = Modality(chain, values.ValueAt(i));
    low = any ? std::min(low, value) : value;
    high = any ? std::max(high, value) : value;
    any = true;
  }
  return {(low + high) / 2, std::max(high - low, 1e-9), WindowShape::kLinearExact};
}

// A value after the modality step as a share of white.
double Shown(const GreyChain& chain, const Window& window, double value) {
  if (!chain.voi.has_value()) {
    return window.At(value);
  }
  const double top = static_cast<double>((1U << chain.voi->bits) - 1);
  return std::clamp(chain.voi->At(value) / top, 0.0, 1.0);
}

template <typename T>
std::vector<T> MakeTable(const GreyChain& chain, const Window& window, const StoredValues& values) {
  constexpr double kWhite = (1 << 8 * sizeof(T)) - 1;
  std::vector<T> table(values.count());
  for (uint32_t i = 0; i < table.size(); ++i) {
    const int64_t value = values.ValueAt(i);
    const double share = Shown(chain, window, Modality(chain, value));
    table[i] = IsPadding(chain, value)
                   ? T{0}
                   : static_cast<T>(std::lround(kWhite * (chain.inverse ? 1 - share : share)));
  }
  return table;
}

template <typename From, typename To>
cv::Mat LookUp(const cv::Mat& samples, const StoredValues& values, const std::vector<To>& table) {
  cv::Mat out(samples.size(), sizeof(To) == 1 ? CV_8UC1 : CV_16UC1);
  for (int y = 0; y < samples.rows; ++y) {
    const From* from = samples.ptr<From>(y);
    To* to = out.ptr<To>(y);
    for (int x = 0; x < samples.cols; ++x) {
      to[x] = table[values.IndexOf(from[x])];
    }
  }
  return out;
}

}  // namespace

double LookupTable::At(double value) const {
  const double index = std::floor(value) - static_cast<double>(first);
  return entries[static_cast<size_t>(
      std::clamp(index, 0.0, static_cast<double>(entries.size() - 1)))];
}

double Window::At(double value) const {
  switch (shape) {
    case WindowShape::kSigmoid:
      return 1 / (1 + std::exp(-4 * (value - center) / width));
    case WindowShape::kLinearExact:
      return std::clamp((value - center) / width + 0.5, 0.0, 1.0);
    case WindowShape::kLinear:
      break;
  }
  // A width of 1 is a step.
  if (width <= 1) {
    return value <= center - 0.5 ? 0 : 1;
  }
  return std::clamp((value - (center - 0.5)) / (width - 1) + 0.5, 0.0, 1.0);
}

GreyPicture ApplyGreyChain(const GreyChain& chain, const StoredFrame& frame, bool is_signed) {
  const StoredValues values(frame, is_signed);
  GreyPicture picture;
  picture.spread = !chain.voi.has_value() && !chain.window.has_value() && !chain.as_stored;
  const double top = static_cast<double>(values.count() - 1);
  const Window window =
      picture.spread ? Spread(chain, frame.samples, values)
                     : chain.window.value_or(Window{top / 2, top, WindowShape::kLinearExact});
  const bool narrow = frame.samples.depth() == CV_8U;
  if (frame.bits_stored <= 8) {
    const std::vector<uint8_t> table = MakeTable<uint8_t>(chain, window, values);
    picture.pixels = narrow ? LookUp<uint8_t>(frame.samples, values, table)
                            : LookUp<uint16_t>(frame.samples, values, table);
  } else {
    picture.pixels =
        LookUp<uint16_t>(frame.samples, values, MakeTable<uint16_t>(chain, window, values));
  }
  return picture;
}

}  // namespace lingula
