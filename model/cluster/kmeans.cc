#include "model/cluster/kmeans.h"

#include <algorithm>
#include <atomic>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "model/cluster/distances.h"

namespace lingula {
namespace {

constexpr size_t kLeastPoints = 256;  // a thread

template <typename T>
absl::Status Check(const Rows<T>& points, const Rows<T>& start) {
  if (points.width() != start.width()) {
    return absl::InvalidArgumentError(absl::StrCat("k-means: points have ", points.width(),
                                                   " values and centres ", start.width(),
                                                   "; they must have the same number"));
  }
  if (start.count() == 0 || points.count() < start.count()) {
    return absl::InvalidArgumentError(
        absl::StrCat("k-means: ", points.count(), " points for ", start.count(),
                     " clusters; at least one cluster and as many points as clusters are needed"));
  }
  if (!points.AllFinite() || !start.AllFinite()) {
    return absl::InvalidArgumentError("k-means: a value is not a finite number");
  }
  return absl::OkStatus();
}

// Mean over the coordinates of their (population) variance.
template <typename T>
double MeanVariance(const Rows<T>& points) {
  const auto n = static_cast<double>(points.count());
  std::vector<double> means(points.width(), 0), squares(points.width(), 0);
  for (size_t i = 0; i < points.count(); ++i) {
    for (size_t k = 0; k < points.width(); ++k) {
      means[k] += static_cast<double>(points[i][k]) / n;
    }
  }
  for (size_t i = 0; i < points.count(); ++i) {
    for (size_t k = 0; k < points.width(); ++k) {
      const double d = static_cast<double>(points[i][k]) - means[k];
      squares[k] += d * d;
    }
  }
  double total = 0;
  for (const double square : squares) {
    total += square / n;
  }
  return total / static_cast<double>(points.width());
}

// One run; `centres_` is what the points were last compared with.
template <typename T>
class Lloyd {
 public:
  Lloyd(const Rows<T>& points, const Rows<T>& start)
      : points_(points),
        clusters_(start.count()),
        centres_(start.values().begin(), start.values().end()),
        labels_(points.count(), -1),
        distances_(points.count()),
        sizes_(clusters_) {}

  // Assigns every point to its nearest centre. Returns whether a label changed.
  bool Assign() {
    std::atomic<bool> changed = false;
    const Rows<double> centres(centres_, width());
    InParts(points_.count(), kLeastPoints, [&](size_t begin, size_t end) {
      std::vector<double> distances(clusters_);
      for (size_t i = begin; i < end; ++i) {
        SquaredDistances(centres, {}, points_[i], distances.data());
        const auto least = std::min_element(distances.begin(), distances.end());
        const auto best = static_cast<int32_t>(least - distances.begin());
        if (labels_[i] != best) {
          changed = true;
        }
        labels_[i] = best;
        distances_[i] = *least;
      }
    });
    return changed;
  }

  // Moves the centres to the means of their points. Returns the sum of their squared moves.
  double Move() {
    SumMembers();
    Relocate();
    Average();
    const double moved =
        SquaredDistance(absl::Span<const double>(sums_), absl::Span<const double>(centres_));
    centres_.swap(sums_);
    return moved;
  }

  KMeansResult Result(int iterations) && {
    KMeansResult result;
    for (size_t i = 0; i < points_.count(); ++i) {
      result.inertia += SquaredDistance(points_[i], Centre(labels_[i]));
    }
    result.labels = std::move(labels_);
    result.centres = std::move(centres_);
    result.iterations = iterations;
    return result;
  }

 private:
  size_t width() const { return points_.width(); }
  absl::Span<const double> Centre(size_t c) const {
    return absl::Span<const double>(centres_.data() + c * width(), width());
  }

  void SumMembers() {
    sums_.assign(centres_.size(), 0);
    std::fill(sizes_.begin(), sizes_.end(), 0);
    for (size_t i = 0; i < points_.count(); ++i) {
      Add(labels_[i], i, 1);
      ++sizes_[labels_[i]];
    }
  }

  void Add(size_t cluster, size_t point, double factor) {
    const absl::Span<const T> values = points_[point];
    for (size_t k = 0; k < width(); ++k) {
      sums_[cluster * width() + k] += factor * static_cast<double>(values[k]);
    }
  }

  // Gives each cluster without points the point that lies farthest from its centre, the farthest
  // first. Labels stay: the next assignment sees to them.
  void Relocate() {
    const auto empty = std::count(sizes_.begin(), sizes_.end(), 0);
    if (empty == 0 || *std::max_element(distances_.begin(), distances_.end()) == 0) {
      return;
    }
    std::vector<size_t> far(points_.count());
    std::iota(far.begin(), far.end(), size_t{0});
    std::partial_sort(far.begin(), far.begin() + empty, far.end(), [&](size_t a, size_t b) {
      return distances_[a] != distances_[b] ? distances_[a] > distances_[b] : a < b;
    });
    auto next = far.begin();
    for (size_t c = 0; c < clusters_; ++c) {
      if (sizes_[c] != 0) {
        continue;
      }
      const size_t point = *next++;
      Add(labels_[point], point, -1);
      --sizes_[labels_[point]];
      Add(c, point, 1);
      sizes_[c] = 1;
    }
  }

  void Average() {
    const size_t largest = std::max_element(sizes_.begin(), sizes_.end()) - sizes_.begin();
    for (size_t c = 0; c < clusters_; ++c) {
      for (size_t k = 0; sizes_[c] > 0 && k < width(); ++k) {
        sums_[c * width() + k] /= static_cast<double>(sizes_[c]);
      }
    }
    for (size_t c = 0; c < clusters_; ++c) {
      if (sizes_[c] <= 0) {
        std::copy_n(sums_.begin() + largest * width(), width(), sums_.begin() + c * width());
      }
    }
  }

  const Rows<T> points_;
  const size_t clusters_;
  std::vector<double> centres_, sums_;
  std::vector<int32_t> labels_;
  std::vector<double> distances_;  // of a point to its centre, squared
  std::vector<int64_t> sizes_;
};

}  // namespace

template <typename T>
absl::StatusOr<KMeansResult> KMeans(const Rows<T>& points, const Rows<T>& start,
                                    const KMeansOptions& options) {
  if (const absl::Status status = Check(points, start); !status.ok()) {
    return status;
  }
  const double tolerance = options.tolerance * MeanVariance(points);
  Lloyd<T> lloyd(points, start);
  int iterations = 0;
  bool settled = false;  // the labels belong to the centres
  while (iterations < options.max_iterations && !settled) {
    const bool changed = lloyd.Assign();
    const double moved = lloyd.Move();
    ++iterations;
    settled = !changed;
    if (moved <= tolerance) {
      break;
    }
  }
  if (!settled) {
    lloyd.Assign();
  }
  return std::move(lloyd).Result(iterations);
}

template absl::StatusOr<KMeansResult> KMeans(const Rows<float>&, const Rows<float>&,
                                             const KMeansOptions&);
template absl::StatusOr<KMeansResult> KMeans(const Rows<double>&, const Rows<double>&,
                                             const KMeansOptions&);

}  // namespace lingula
