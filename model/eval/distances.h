// How far the outlines of two masks are apart. Plain arrays, row-major.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace lingula {

// Squared Euclidean distance, in pixels, from each pixel to the nearest one that is set: exact, in
// linear time (Felzenszwalb and Huttenlocher 2012). Infinity everywhere when none is set.
std::vector<double> SquaredDistances(absl::Span<const uint8_t> set, int width);

// Pixels of a mask (nonzero) of which one of the four neighbours is not in it; outside the picture
// nothing is.
std::vector<uint8_t> Outline(absl::Span<const uint8_t> mask, int width);

// HD95 as MONAI defines it: of the distances from one mask's outline to the other's the 95th
// percentile (linear between neighbours), and the larger one of both directions. In pixels. 0 when
// both masks are empty, NaN when one is: no distance would be true. Takes 16 bytes, and some time,
// for each pixel of the rectangle around both masks.
double Hausdorff95(absl::Span<const uint8_t> one, absl::Span<const uint8_t> other, int width);

}  // namespace lingula
