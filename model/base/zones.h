// The six lung zones of SGSeg reports (docs/architecture.md, "Sides"). In training data and in
// every name here, left is the viewer's left: normally the patient's right lung.
#pragma once

#include <array>
#include <bitset>

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
