#include "tests/bench/scale/day.h"

#include <array>
#include <cstddef>

namespace lingula::bench {
namespace {

struct Corner {
  double hour, share;
};
constexpr std::array<Corner, 11> kCorners = {{{0, 0.08},
                                              {5, 0.08},
                                              {7, 0.35},
                                              {9, 0.9},
                                              {10, 1.0},
                                              {12, 0.75},
                                              {13, 0.7},
                                              {14.5, 0.85},
                                              {16, 0.65},
                                              {18, 0.3},
                                              {24, 0.08}}};

}  // namespace

double ShareAt(double hour) {
  size_t next = 1;
  while (next + 1 < kCorners.size() && kCorners[next].hour < hour) {
    ++next;
  }
  const Corner& a = kCorners[next - 1];
  const Corner& b = kCorners[next];
  const double steady = a.share + (b.share - a.share) * (hour - a.hour) / (b.hour - a.hour);
  const bool again = hour >= 8 && hour < 8 + 1.0 / 6;
  return steady + (again ? 0.4 : 0);
}

}  // namespace lingula::bench
