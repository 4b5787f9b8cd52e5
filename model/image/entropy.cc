#include "model/image/entropy.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "model/base/lanes.h"

namespace lingula {
namespace {

// Float sums of so few numbers are exact enough.
constexpr size_t kBlock = 64 * kFloatLanes;

LINGULA_INLINE int32_t BitsOf(float value) {
  int32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

LINGULA_INLINE float FromBits(int32_t bits) {
  float value = 0;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

// log2(x), x >= 0, to 4e-6: x = m * 2^e with m from sqrt(1/2) to sqrt(2), and a polynomial for
// log2(1 + t) / t through its Chebyshev points there. Exact for powers of 2; finite for 0.
LINGULA_INLINE float Log2(float x) {
  constexpr int32_t kRootOfHalf = 0x3f3504f3;
  constexpr int kMantissaBits = 23;
  const int32_t above = BitsOf(x) - kRootOfHalf;
  const auto e = static_cast<float>(above >> kMantissaBits);
  const float t = FromBits((above & ((1 << kMantissaBits) - 1)) + kRootOfHalf) - 1;
  float p = -0.20228927F;
  p = p * t + 0.31689820F;
  p = p * t - 0.36692578F;
  p = p * t + 0.47992557F;
  p = p * t - 0.72119576F;
  p = p * t + 1.44270039F;
  return e + p * t;
}

LINGULA_INLINE float Entropy(float probability) {
  const float above = probability > 0 ? probability : 0;  // a NaN becomes 0
  const float p = above < 1 ? above : 1;
  const float q = 1 - p;
  return -p * Log2(p) - q * Log2(q);
}

// Two loops: with the sums in the first one the compiler makes no vector code of it.
LINGULA_CLONES float SumOf(const float* probabilities, size_t count) {
  float entropy_bits[kBlock];
  for (size_t i = 0; i < count; ++i) {
    entropy_bits[i] = Entropy(probabilities[i]);
  }
  std::fill(entropy_bits + count, entropy_bits + kBlock, 0.0F);
  return SumInLanes(entropy_bits, kBlock);
}

}  // namespace

double MeanEntropyBits(const std::vector<float>& probabilities) {
  double sum = 0;
  for (size_t begin = 0; begin < probabilities.size(); begin += kBlock) {
    sum += SumOf(probabilities.data() + begin, std::min(kBlock, probabilities.size() - begin));
  }
  return probabilities.empty() ? 0 : sum / static_cast<double>(probabilities.size());
}

}  // namespace lingula
