#include "model/cluster/distances.h"

#include <cstring>

namespace lingula {
namespace {

// SquaredDistance adds every fourth square to the same sum. So do the elements of these.
using FourDoubles = double __attribute__((vector_size(32)));
using FourFloats = float __attribute__((vector_size(16)));

constexpr size_t kTogether = 4;  // points whose sums stay in registers

template <typename T>
struct Four;
template <>
struct Four<double> {
  using Type = FourDoubles;
};
template <>
struct Four<float> {
  using Type = FourFloats;
};

// Distances of up to kTogether points. Nothing is passed by value in vectors, whose place in calls
// depends on what the processor has.
template <typename A, typename B>
inline __attribute__((always_inline)) void FewDistances(const A* const* points, size_t count,
                                                        const B* to, size_t width, double* out) {
  FourDoubles sums[kTogether] = {};
  size_t k = 0;
  for (; k + 4 <= width; k += 4) {
    typename Four<B>::Type narrow_to;
    std::memcpy(&narrow_to, to + k, sizeof(narrow_to));
    const FourDoubles wide_to = __builtin_convertvector(narrow_to, FourDoubles);
    for (size_t i = 0; i < kTogether; ++i) {
      typename Four<A>::Type narrow;
      std::memcpy(&narrow, points[i] + k, sizeof(narrow));
      const FourDoubles d = __builtin_convertvector(narrow, FourDoubles) - wide_to;
      sums[i] += d * d;
    }
  }
  for (size_t i = 0; i < count; ++i) {
    double first = sums[i][0];
    for (size_t rest = k; rest < width; ++rest) {
      const double d = static_cast<double>(points[i][rest]) - static_cast<double>(to[rest]);
      first += d * d;
    }
    out[i] = (first + sums[i][1]) + (sums[i][2] + sums[i][3]);
  }
}

template <typename A, typename B>
inline __attribute__((always_inline)) void AllDistances(const Rows<A>& points,
                                                        absl::Span<const int32_t> rows, const B* to,
                                                        double* out) {
  const size_t count = rows.empty() ? points.count() : rows.size();
  const A* const first = points.values().data();
  for (size_t i = 0; i < count; i += kTogether) {
    const size_t some = std::min(kTogether, count - i);
    const A* few[kTogether];
    for (size_t n = 0; n < kTogether; ++n) {  // the last of a few stands for those that are missing
      const size_t at = i + std::min(n, some - 1);
      few[n] = first + (rows.empty() ? at : static_cast<size_t>(rows[at])) * points.width();
    }
    FewDistances(few, some, to, points.width(), out + i);
  }
}

#if defined(__x86_64__)
// The same with registers of twice the size. Without fused multiply-add, which rounds otherwise.
template <typename A, typename B>
__attribute__((target("avx2"))) void WideDistances(const Rows<A>& points,
                                                   absl::Span<const int32_t> rows, const B* to,
                                                   double* out) {
  AllDistances(points, rows, to, out);
}
#endif

}  // namespace

template <typename A, typename B>
void SquaredDistances(const Rows<A>& points, absl::Span<const int32_t> rows, absl::Span<const B> to,
                      double* out) {
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx2") != 0;
  if (wide) {
    return WideDistances(points, rows, to.data(), out);
  }
#endif
  AllDistances(points, rows, to.data(), out);
}

template void SquaredDistances(const Rows<float>&, absl::Span<const int32_t>,
                               absl::Span<const float>, double*);
template void SquaredDistances(const Rows<double>&, absl::Span<const int32_t>,
                               absl::Span<const double>, double*);
template void SquaredDistances(const Rows<double>&, absl::Span<const int32_t>,
                               absl::Span<const float>, double*);

}  // namespace lingula
