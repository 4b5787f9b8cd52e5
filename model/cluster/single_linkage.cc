#include "model/cluster/single_linkage.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "model/cluster/distances.h"

namespace lingula {
namespace {

struct Edge {
  int32_t a = 0, b = 0;
  double distance = 0;
};

constexpr size_t kLeastPoints = 256;  // a thread
constexpr size_t kGroup = 16;         // points that are compared side by side
constexpr size_t kTile = 128;         // with so many, which then stay in the cache

// Squared distances of the points [from, from + some) to all: [some, count].
template <typename T>
void GroupDistances(const Rows<T>& points, size_t from, size_t some, std::vector<double>& out) {
  for (size_t tile = 0; tile < points.count(); tile += kTile) {
    const size_t rows = std::min(kTile, points.count() - tile);
    const Rows<T> others(points.values().subspan(tile * points.width(), rows * points.width()),
                         points.width());
    for (size_t i = 0; i < some; ++i) {
      SquaredDistances(others, {}, points[from + i], out.data() + i * points.count() + tile);
    }
  }
}

// Distance of each point to its min_samples-th nearest neighbour, itself counted.
template <typename T>
std::vector<double> CoreDistances(const Rows<T>& points, int min_samples, double alpha) {
  std::vector<double> cores(points.count());
  InParts(points.count(), kLeastPoints, [&](size_t begin, size_t end) {
    std::vector<double> distances(kGroup * points.count());
    for (size_t from = begin; from < end; from += kGroup) {
      const size_t some = std::min(kGroup, end - from);
      GroupDistances(points, from, some, distances);
      for (size_t i = 0; i < some; ++i) {
        const auto first = distances.begin() + i * points.count();
        const auto nth = first + (min_samples - 1);
        std::nth_element(first, nth, first + points.count());
        cores[from + i] = std::sqrt(*nth) / alpha;
      }
    }
  });
  return cores;
}

// Prim's algorithm from the first point. An edge joins the new point to the one taken before it
// rather than to its neighbour in the tree: single linkage is the same, and so are scikit-learn's
// choices among equal distances.
template <typename T>
std::vector<Edge> SpanningPath(const Rows<T>& points, int min_samples, double alpha) {
  const std::vector<double> cores = CoreDistances(points, min_samples, alpha);
  std::vector<int32_t> outside(points.count());
  std::iota(outside.begin(), outside.end(), 0);
  std::vector<double> nearest(points.count(), HUGE_VAL);
  std::vector<double> distances(points.count());
  std::vector<Edge> path;
  int32_t current = 0;
  while (outside.size() > 1) {
    outside.erase(std::lower_bound(outside.begin(), outside.end(), current));
    InParts(outside.size(), kLeastPoints, [&](size_t begin, size_t end) {
      SquaredDistances(points, absl::MakeConstSpan(outside).subspan(begin, end - begin),
                       points[current], distances.data() + begin);
    });
    int32_t next = outside.front();
    for (size_t i = 0; i < outside.size(); ++i) {
      const int32_t point = outside[i];
      const double distance = std::sqrt(distances[i]) / alpha;
      const double reach = std::max({cores[current], cores[point], distance});
      nearest[point] = std::min(nearest[point], reach);
      if (nearest[point] < nearest[next]) {
        next = point;
      }
    }
    path.push_back({current, next, nearest[next]});
    current = next;
  }
  return path;
}

// Quicksort with the median of three, finished by insertion (Sedgewick 1978). Not stable, on
// purpose: a stable sort would take equal distances in the order in which the path met them, which
// favours chains along the path, while scikit-learn leaves them to numpy's quicksort, whose swaps
// these are (on processors where it does not use AVX-512).
class Quicksort {
 public:
  explicit Quicksort(std::vector<Edge>& edges) : edges_(edges) {}

  void Sort(int64_t first, int64_t last, int depth) {
    while (last - first > kInsertion) {
      if (depth-- == 0) {  // keeps hostile distances from taking quadratic time
        std::stable_sort(edges_.begin() + first, edges_.begin() + last + 1, Nearer);
        return;
      }
      const int64_t middle = Partition(first, last);
      if (middle - first < last - middle) {
        Sort(first, middle - 1, depth);
        first = middle + 1;
      } else {
        Sort(middle + 1, last, depth);
        last = middle - 1;
      }
    }
    for (int64_t i = first + 1; i <= last; ++i) {
      for (int64_t k = i; k > first && Nearer(edges_[k], edges_[k - 1]); --k) {
        std::swap(edges_[k], edges_[k - 1]);
      }
    }
  }

 private:
  static constexpr int64_t kInsertion = 16;
  static bool Nearer(const Edge& x, const Edge& y) { return x.distance < y.distance; }

  void Order(int64_t low, int64_t high) {
    if (Nearer(edges_[high], edges_[low])) {
      std::swap(edges_[high], edges_[low]);
    }
  }

  // Where the pivot ends up.
  int64_t Partition(int64_t first, int64_t last) {
    const int64_t middle = first + (last - first) / 2;
    Order(first, middle);
    Order(middle, last);
    Order(first, middle);
    const Edge pivot = edges_[middle];
    std::swap(edges_[middle], edges_[last - 1]);
    int64_t low = first, high = last - 1;
    while (true) {
      while (Nearer(edges_[++low], pivot)) {
      }
      while (Nearer(pivot, edges_[--high])) {
      }
      if (low >= high) {
        std::swap(edges_[low], edges_[last - 1]);
        return low;
      }
      std::swap(edges_[low], edges_[high]);
    }
  }

  std::vector<Edge>& edges_;
};

void SortByDistance(std::vector<Edge>& edges) {
  const int depth = edges.empty() ? 0 : 2 * std::ilogb(static_cast<double>(edges.size()));
  Quicksort(edges).Sort(0, static_cast<int64_t>(edges.size()) - 1, depth);
}

// Groups of points that know their newest node.
class Groups {
 public:
  explicit Groups(size_t points) : up_(2 * points), size_(2 * points, 1), next_(points) {
    std::iota(up_.begin(), up_.end(), 0);
  }
  int32_t Find(int32_t node) {
    while (up_[node] != node) {
      node = up_[node] = up_[up_[node]];
    }
    return node;
  }
  Merge Join(const Edge& edge) {
    Merge merge{Find(edge.a), Find(edge.b), edge.distance, 0};
    merge.size = size_[merge.left] + size_[merge.right];
    size_[next_] = merge.size;
    up_[merge.left] = up_[merge.right] = static_cast<int32_t>(next_);
    ++next_;
    return merge;
  }

 private:
  std::vector<int32_t> up_, size_;
  size_t next_;
};

}  // namespace

template <typename T>
std::vector<Merge> SingleLinkage(const Rows<T>& points, int min_samples, double alpha) {
  std::vector<Edge> edges = SpanningPath(points, min_samples, alpha);
  SortByDistance(edges);
  Groups groups(points.count());
  std::vector<Merge> merges;
  for (const Edge& edge : edges) {
    merges.push_back(groups.Join(edge));
  }
  return merges;
}

template std::vector<Merge> SingleLinkage(const Rows<float>&, int, double);
template std::vector<Merge> SingleLinkage(const Rows<double>&, int, double);

}  // namespace lingula
