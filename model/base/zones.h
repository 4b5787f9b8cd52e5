// The six lung zones of SGSeg reports (docs/architecture.md, "Sides"). In training data and in
// every name here, left is the viewer's left: normally the patient's right lung.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <cstddef>

namespace lingula {

inline constexpr int kZones = 6;

// Order of everything that has one value a zone.
enum class Zone {
  kImageLeftUpper = 0,
  kImageLeftMiddle,
  kImageLeftLower,
  kImageRightUpper,
  kImageRightMiddle,
  kImageRightLower,
};

// Bit i is Zone i.
using ZoneBits = std::bitset<kZones>;
using ZoneProbabilities = std::array<float, kZones>;

// A zone is reported from this probability on.
inline constexpr float kZoneThreshold = 0.5F;

inline ZoneBits Reported(const ZoneProbabilities& probabilities) {
  ZoneBits bits;
  for (int i = 0; i < kZones; ++i) {
    bits[i] = probabilities[i] >= kZoneThreshold;
  }
  return bits;
}

// The second most likely set of zones, each zone being there with its own probability: as Reported,
// but for the zone whose probability is nearest to the threshold (of equals the first).
inline ZoneBits SecondReport(const ZoneProbabilities& probabilities) {
  const auto doubt = [](float a, float b) {
    return std::abs(a - kZoneThreshold) < std::abs(b - kZoneThreshold);
  };
  const auto* const nearest = std::min_element(probabilities.begin(), probabilities.end(), doubt);
  return Reported(probabilities).flip(static_cast<size_t>(nearest - probabilities.begin()));
}

// Where zones lie in an upright picture, as shares of its height and width: the borders with which
// true masks of qata/train lie best in the zones of their own reports rather than in those of
// others (docs/quality.md, "Guidance agreement"). Lungs lie a little higher than thirds of the
// picture.
inline constexpr double kUpperZoneEnd = 0.36;
inline constexpr double kMiddleZoneEnd = 0.46;
inline constexpr double kZoneMidline = 0.5;

// Row of a report table: the bits read as a binary number, image-left upper first (most
// significant).
inline int ReportRow(const ZoneBits& bits) {
  int row = 0;
  for (int i = 0; i < kZones; ++i) {
    row = row * 2 + (bits[i] ? 1 : 0);
  }
  return row;
}

}  // namespace lingula
