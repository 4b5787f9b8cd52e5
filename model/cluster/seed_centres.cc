#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "model/cluster/distances.h"
#include "model/cluster/kmeans.h"

namespace lingula {
namespace {

constexpr size_t kLeastPoints = 256;  // a thread

// SplitMix64 (Steele, Lea and Flood 2014): the standard library's distributions differ between
// platforms.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  // Uniform in [0, 1).
  double Next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    z ^= z >> 31;
    return static_cast<double>(z >> 11) / static_cast<double>(uint64_t{1} << 53);
  }

 private:
  uint64_t state_;
};

double Sum(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) {
    sum += value;
  }
  return sum;
}

// The points' squared distances to the nearest of the chosen ones and `added`.
template <typename T>
std::vector<double> Nearest(const Rows<T>& points, const std::vector<double>& nearest,
                            size_t added) {
  std::vector<double> result(points.count());
  InParts(points.count(), kLeastPoints, [&](size_t begin, size_t end) {
    const Rows<T> part(
        points.values().subspan(begin * points.width(), (end - begin) * points.width()),
        points.width());
    SquaredDistances(part, {}, points[added], result.data() + begin);
    for (size_t i = begin; i < end; ++i) {
      result[i] = std::min(nearest[i], result[i]);
    }
  });
  return result;
}

// A point drawn with a chance in proportion to its weight; the last with a weight if rounding
// overshoots, the first if none has one.
size_t Draw(const std::vector<double>& weights, double total, Random& random) {
  double left = random.Next() * total;
  size_t last = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > 0) {
      last = i;
      if (left < weights[i]) {
        return i;
      }
      left -= weights[i];
    }
  }
  return last;
}

}  // namespace

template <typename T>
absl::StatusOr<std::vector<T>> SeedCentres(const Rows<T>& points, int clusters, uint64_t seed) {
  if (clusters < 1 || points.count() < static_cast<size_t>(clusters)) {
    return absl::InvalidArgumentError(
        absl::StrCat("k-means: ", clusters, " clusters asked for among ", points.count(),
                     " points; from 1 to the number of points are allowed"));
  }
  if (!points.AllFinite()) {
    return absl::InvalidArgumentError("k-means: a value is not a finite number");
  }
  Random random(seed);
  const int candidates = 2 + static_cast<int>(std::log(clusters));
  std::vector<T> centres;
  std::vector<double> nearest(points.count(), HUGE_VAL);
  for (int c = 0; c < clusters; ++c) {
    size_t best = static_cast<size_t>(random.Next() * static_cast<double>(points.count()));
    std::vector<double> best_nearest = Nearest(points, nearest, best);
    if (c > 0) {
      const double total = Sum(nearest);
      double least = HUGE_VAL;
      for (int k = 0; k < candidates; ++k) {
        const size_t candidate = Draw(nearest, total, random);
        std::vector<double> with = Nearest(points, nearest, candidate);
        if (const double sum = Sum(with); sum < least) {
          least = sum;
          best = candidate;
          best_nearest = std::move(with);
        }
      }
    }
    nearest = std::move(best_nearest);
    centres.insert(centres.end(), points[best].begin(), points[best].end());
  }
  return centres;
}

template absl::StatusOr<std::vector<float>> SeedCentres(const Rows<float>&, int, uint64_t);
template absl::StatusOr<std::vector<double>> SeedCentres(const Rows<double>&, int, uint64_t);

}  // namespace lingula
