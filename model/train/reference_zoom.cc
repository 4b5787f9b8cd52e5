#include "model/train/reference_zoom.h"

#include <cmath>

namespace lingula {

namespace F = torch::nn::functional;

constexpr double kChance = 0.1, kSmallest = 0.95, kLargest = 1.2;

torch::Tensor ZoomOne(const torch::Tensor& image, double factor, bool is_mask) {
  const int64_t side = image.size(3);
  const auto zoomed_side = static_cast<int64_t>(std::floor(static_cast<double>(side) * factor));
  auto options = F::InterpolateFuncOptions().size(std::vector<int64_t>{zoomed_side, zoomed_side});
  if (is_mask) {
    options = options.mode(torch::kNearest);
  } else {
    options = options.mode(torch::kBicubic).align_corners(false);
  }
  const auto zoomed = F::interpolate(image, options);
  if (zoomed_side >= side) {
    const int64_t before = (zoomed_side - side) / 2;
    return zoomed.narrow(2, before, side).narrow(3, before, side);
  }
  const int64_t before = (side - zoomed_side) / 2, after = side - zoomed_side - before;
  return F::pad(zoomed, F::PadFuncOptions({before, after, before, after}).mode(torch::kReplicate));
}

void ReferenceZoom(torch::Tensor& images, torch::Tensor& masks) {
  const auto draw = torch::rand({images.size(0), 2}, images.options()).to(torch::kCPU);
  for (int64_t i = 0; i < images.size(0); ++i) {
    if (draw[i][0].item<double>() < kChance) {
      const double factor = kSmallest + (kLargest - kSmallest) * draw[i][1].item<double>();
      auto image = images.narrow(0, i, 1), mask = masks.narrow(0, i, 1);
      image.copy_(ZoomOne(image.clone(), factor, false));
      mask.copy_(ZoomOne(mask.clone(), factor, true));
    }
  }
}

}  // namespace lingula
