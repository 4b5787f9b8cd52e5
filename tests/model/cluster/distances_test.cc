#include "model/cluster/distances.h"

#include <atomic>
#include <cmath>

#include <gmock/gmock.h>

namespace lingula {
namespace {

template <typename T>
std::vector<T> Values(size_t count) {
  std::vector<T> values;
  for (size_t i = 0; i < count; ++i) {
    values.push_back(static_cast<T>(std::sin(static_cast<double>(i * i + 1)) * 3));
  }
  return values;
}

// To the last bit, whatever the width and the number of rows leave over.
template <typename A, typename B>
void ExpectBitsOfSquaredDistance() {
  for (const size_t width : {1, 3, 4, 7, 64}) {
    for (const size_t count : {1, 4, 9}) {
      const std::vector<A> values = Values<A>(count * width);
      const std::vector<B> to = Values<B>(width + 5);
      const Rows<A> points(values, width);
      const absl::Span<const B> query(to.data() + 5, width);
      std::vector<double> found(count, -1);
      SquaredDistances(points, {}, query, found.data());
      for (size_t i = 0; i < count; ++i) {
        EXPECT_EQ(found[i], SquaredDistance(points[i], query)) << width << " " << i;
      }
      const std::vector<int32_t> rows = {static_cast<int32_t>(count) - 1, 0, 0};
      found.assign(3, -1);
      SquaredDistances(points, rows, query, found.data());
      for (size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(found[i], SquaredDistance(points[rows[i]], query)) << width << " row " << i;
      }
    }
  }
}

TEST(DistancesTest, BitsOfSquaredDistance) {
  ExpectBitsOfSquaredDistance<float, float>();
  ExpectBitsOfSquaredDistance<double, double>();
  ExpectBitsOfSquaredDistance<double, float>();
}

TEST(DistancesTest, PartsCoverEverythingOnce) {
  for (const size_t count : {0, 1, 5, 1000}) {
    std::vector<std::atomic<int>> seen(count);
    InParts(count, 3, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) {
        ++seen[i];
      }
    });
    for (const auto& times : seen) {
      EXPECT_EQ(times, 1);
    }
  }
}

}  // namespace
}  // namespace lingula
