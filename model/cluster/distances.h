// Many distances at once, on all cores, with the very bits of SquaredDistance.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include "absl/types/span.h"
#include "model/cluster/rows.h"

namespace lingula {

// out[i] = SquaredDistance(points[rows[i]], to), for all rows where `rows` is empty. `out` has room
// for as many. One thread.
template <typename A, typename B>
void SquaredDistances(const Rows<A>& points, absl::Span<const int32_t> rows, absl::Span<const B> to,
                      double* out);

// Calls run(begin, end) with parts of [0, count) on several threads, which end before this returns.
// Parts have `least` elements or more, so that little work stays on this thread.
template <typename Run>
void InParts(size_t count, size_t least, const Run& run) {
  const size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const size_t parts = std::max<size_t>(1, std::min(cores, count / std::max<size_t>(1, least)));
  std::vector<std::thread> threads;
  for (size_t part = 1; part < parts; ++part) {
    threads.emplace_back(
        [&run, count, part, parts] { run(count * part / parts, count * (part + 1) / parts); });
  }
  run(0, count / parts);
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace lingula
