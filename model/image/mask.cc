#include "model/image/mask.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "model/image/png_file.h"

namespace lingula {
namespace {

// Binary entropy of p = i / kLevels. Rounding p to a level costs less than 6e-4 bits a pixel, and
// nothing at 0, 0.5 and 1.
constexpr int kLevels = 1 << 14;
using EntropyTable = std::array<float, kLevels + 1>;

const EntropyTable& Entropies() {
  static const auto* const table = [] {
    auto* made = new EntropyTable{};  // 0 at both ends
    for (int i = 1; i < kLevels; ++i) {
      const double p = static_cast<double>(i) / kLevels;
      (*made)[i] = static_cast<float>(-p * std::log2(p) - (1 - p) * std::log2(1 - p));
    }
    return made;
  }();
  return *table;
}

// Sums in double over a row: exact enough for any size, and the same on every machine.
void RenderRow(const float* probabilities, int width, float threshold,
               const EntropyTable& entropies, uint8_t* mask, MaskSums& sums) {
  double probability = 0;
  double in_mask = 0;
  double entropy = 0;
  int foreground = 0;
  float largest = 0;
  for (int x = 0; x < width; ++x) {
    // In this order a NaN becomes 0.
    const float p = std::min(1.0F, std::max(0.0F, probabilities[x]));
    const int inside = p >= threshold ? 1 : 0;
    mask[x] = static_cast<uint8_t>(-inside);
    foreground += inside;
    probability += p;
    in_mask += inside != 0 ? p : 0.0F;
    entropy += entropies[static_cast<int>(p * kLevels + 0.5F)];
    largest = std::max(largest, p);
  }
  sums.foreground += foreground;
  sums.probability += probability;
  sums.probability_in_mask += in_mask;
  sums.entropy_bits += entropy;
  sums.max_probability = std::max(sums.max_probability, largest);
}

}  // namespace

RenderedMask RenderMask(const cv::Mat& probabilities, float threshold) {
  RenderedMask rendered;
  rendered.mask.create(probabilities.size(), CV_8UC1);
  rendered.sums.pixels = static_cast<int64_t>(probabilities.total());
  const EntropyTable& entropies = Entropies();
  for (int y = 0; y < probabilities.rows; ++y) {
    RenderRow(probabilities.ptr<float>(y), probabilities.cols, threshold, entropies,
              rendered.mask.ptr<uint8_t>(y), rendered.sums);
  }
  return rendered;
}

absl::StatusOr<std::string> EncodeMaskPng(const cv::Mat& mask) {
  return EncodePng(mask, PngEffort::kFlat);
}

}  // namespace lingula
