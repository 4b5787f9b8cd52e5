#include "model/calibration/guidance_agreement.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <initializer_list>

#include "model/base/clones.h"
#include "model/base/lanes.h"

namespace lingula {
namespace {

constexpr size_t kRowsOfZones = 3;
constexpr size_t kBlock = 4 * kFloatLanes;

// The sum of those of `count` values that reach `threshold`. Two loops, as in entropy.cc.
LINGULA_CLONES double SumFrom(const float* values, size_t count, float threshold) {
  double sum = 0;
  for (size_t begin = 0; begin < count; begin += kBlock) {
    float inside[kBlock];
    const size_t end = std::min(kBlock, count - begin);
    for (size_t i = 0; i < end; ++i) {
      const float p = values[begin + i];
      inside[i] = p >= threshold ? p : 0;
    }
    std::fill(inside + end, inside + kBlock, 0.0F);
    sum += SumInLanes(inside, kBlock);
  }
  return sum;
}

// Parts of one axis, in pixels: part i is from borders[i] to borders[i + 1].
std::vector<size_t> Borders(size_t side, std::initializer_list<double> ends) {
  std::vector<size_t> borders{0};
  for (const double end : ends) {
    borders.push_back(static_cast<size_t>(std::lround(end * static_cast<double>(side))));
  }
  borders.push_back(side);
  return borders;
}

}  // namespace

ZoneWeights WeightsOf(const ZoneBits& zones) {
  ZoneWeights weights{};
  for (int i = 0; i < kZones; ++i) {
    weights[i] = zones[i] ? 1.0F : 0.0F;
  }
  return weights;
}

ZoneWeights WeightsOf(const std::vector<RetrievedPrototype>& prototypes) {
  ZoneWeights weights{};
  float best = prototypes.empty() ? 0 : prototypes.front().similarity;
  for (const RetrievedPrototype& prototype : prototypes) {
    best = std::max(best, prototype.similarity);
  }
  for (const RetrievedPrototype& prototype : prototypes) {
    if (prototype.label < 0 || prototype.label >= kZones) {
      continue;
    }
    // Negative distances: the other way round. A best one of 0 leaves nothing to compare with.
    const float ratio = best > 0   ? prototype.similarity / best
                        : best < 0 ? best / prototype.similarity
                                   : static_cast<float>(prototype.similarity == best);
    weights[prototype.label] = std::max(weights[prototype.label], std::clamp(ratio, 0.0F, 1.0F));
  }
  return weights;
}

std::array<double, kZones> ZoneShares(absl::Span<const float> probabilities, float threshold,
                                      bool transposed) {
  const auto side =
      static_cast<size_t>(std::lround(std::sqrt(static_cast<double>(probabilities.size()))));
  const auto down = Borders(side, {kUpperZoneEnd, kMiddleZoneEnd});
  const auto across = Borders(side, {kZoneMidline});
  // Lines of memory are rows of the picture, or its columns where axes are swapped.
  const auto& lines = transposed ? across : down;
  const auto& parts = transposed ? down : across;
  std::array<double, kZones> sums{};
  size_t of_lines = 0;
  for (size_t line = 0; line < side; ++line) {
    of_lines += line == lines[of_lines + 1] ? 1 : 0;
    const float* const values = probabilities.data() + line * side;
    for (size_t part = 0; part + 1 < parts.size(); ++part) {
      const size_t lung = transposed ? of_lines : part, row = transposed ? part : of_lines;
      sums[lung * kRowsOfZones + row] +=
          SumFrom(values + parts[part], parts[part + 1] - parts[part], threshold);
    }
  }
  double all = 0;
  for (const double sum : sums) {
    all += sum;
  }
  for (double& sum : sums) {
    sum = all > 0 ? sum / all : 0;
  }
  return sums;
}

double Agreement(const std::array<double, kZones>& shares, const ZoneWeights& weights) {
  double agreement = 0;
  for (int i = 0; i < kZones; ++i) {
    agreement += shares[i] * weights[i];
  }
  return std::clamp(agreement, 0.0, 1.0);
}

}  // namespace lingula
