#include "model/nets/norm_activate_kernels.h"

#include <algorithm>

#include "model/nets/lane_values.h"

namespace lingula {
namespace {

constexpr float kLeak = 0.01F;

template <NormSlope S>
LINGULA_INLINE float Value(float z) {
  switch (S) {
    case NormSlope::kRelu:
      return z > 0 ? z : 0;
    case NormSlope::kRelu6:
      return z > 0 ? (z < 6 ? z : 6) : 0;
    case NormSlope::kLeakyRelu:
      return z > 0 ? z : kLeak * z;
    case NormSlope::kNone:
      return z;
  }
  return z;
}

template <NormSlope S>
LINGULA_INLINE float Slope(float z, float dy) {
  switch (S) {
    case NormSlope::kRelu:
      return z > 0 ? dy : 0;
    case NormSlope::kRelu6:
      return z > 0 && z < 6 ? dy : 0;
    case NormSlope::kLeakyRelu:
      return z > 0 ? dy : kLeak * dy;
    case NormSlope::kNone:
      return dy;
  }
  return dy;
}

template <typename T>
LINGULA_INLINE void Sum(const NormRows<T>& rows, const float* __restrict shift,
                        float* __restrict sum, float* __restrict squares) {
  for (int64_t r = rows.from; r < rows.to; ++r) {
    const T* __restrict x = rows.x + r * rows.channels;
    for (int64_t c = 0; c < rows.channels; ++c) {
      const float d = Load(x + c) - shift[c];
      sum[c] += d;
      squares[c] += d * d;
    }
  }
}

template <NormSlope S, typename T>
LINGULA_INLINE void Normalize(const NormRows<T>& rows, const float* __restrict gain,
                              const float* __restrict offset, T* out) {
  for (int64_t r = rows.from; r < rows.to; ++r) {
    const T* __restrict x = rows.x + r * rows.channels;
    T* __restrict y = out + r * rows.channels;
    for (int64_t c = 0; c < rows.channels; ++c) {
      Store(Value<S>(gain[c] * Load(x + c) + offset[c]), y + c);
    }
  }
}

template <NormSlope S, typename T>
LINGULA_INLINE void Gradients(const NormRows<T>& rows, const NormCoefficients& k, const T* all_dy,
                              float* __restrict sum, float* __restrict product) {
  for (int64_t r = rows.from; r < rows.to; ++r) {
    const T* __restrict x = rows.x + r * rows.channels;
    const T* __restrict dy = all_dy + r * rows.channels;
    for (int64_t c = 0; c < rows.channels; ++c) {
      const float value = Load(x + c);
      const float g = Slope<S>(k.gain[c] * value + k.offset[c], Load(dy + c));
      sum[c] += g;
      product[c] += g * (value - k.mean[c]);
    }
  }
}

template <NormSlope S, typename T>
LINGULA_INLINE void Inputs(const NormRows<T>& rows, const NormCoefficients& k, const T* all_dy,
                           const float* __restrict base, const float* __restrict tilt, T* out) {
  for (int64_t r = rows.from; r < rows.to; ++r) {
    const T* __restrict x = rows.x + r * rows.channels;
    const T* __restrict dy = all_dy + r * rows.channels;
    T* __restrict dx = out + r * rows.channels;
    for (int64_t c = 0; c < rows.channels; ++c) {
      const float value = Load(x + c);
      const float g = Slope<S>(k.gain[c] * value + k.offset[c], Load(dy + c));
      Store(k.gain[c] * (g - base[c] - (value - k.mean[c]) * tilt[c]), dx + c);
    }
  }
}

// Calls CALL<slope>(arguments...) for the slope of `rows`.
#define LINGULA_BY_SLOPE(CALL, ...)             \
  switch (rows.slope) {                         \
    case NormSlope::kNone:                      \
      CALL<NormSlope::kNone>(__VA_ARGS__);      \
      break;                                    \
    case NormSlope::kRelu:                      \
      CALL<NormSlope::kRelu>(__VA_ARGS__);      \
      break;                                    \
    case NormSlope::kRelu6:                     \
      CALL<NormSlope::kRelu6>(__VA_ARGS__);     \
      break;                                    \
    case NormSlope::kLeakyRelu:                 \
      CALL<NormSlope::kLeakyRelu>(__VA_ARGS__); \
      break;                                    \
  }

}  // namespace

LINGULA_CLONES void SumRows(const NormRows<float>& rows, const float* shift, float* sum,
                            float* squares) {
  Sum(rows, shift, sum, squares);
}

LINGULA_CLONES void SumRows(const NormRows<uint16_t>& rows, const float* shift, float* sum,
                            float* squares) {
  Sum(rows, shift, sum, squares);
}

LINGULA_CLONES void NormalizeRows(const NormRows<float>& rows, const float* gain,
                                  const float* offset,
                                  float* y){LINGULA_BY_SLOPE(Normalize, rows, gain, offset, y)}

LINGULA_CLONES
    void NormalizeRows(const NormRows<uint16_t>& rows, const float* gain, const float* offset,
                       uint16_t* y){LINGULA_BY_SLOPE(Normalize, rows, gain, offset, y)}

LINGULA_CLONES
    void SumGradients(const NormRows<float>& rows, const NormCoefficients& c, const float* dy,
                      float* sum,
                      float* product){LINGULA_BY_SLOPE(Gradients, rows, c, dy, sum, product)}

LINGULA_CLONES
    void SumGradients(const NormRows<uint16_t>& rows, const NormCoefficients& c, const uint16_t* dy,
                      float* sum,
                      float* product){LINGULA_BY_SLOPE(Gradients, rows, c, dy, sum, product)}

LINGULA_CLONES void InputGradients(const NormRows<float>& rows, const NormCoefficients& c,
                                   const float* dy, const float* base, const float* tilt,
                                   float* dx){LINGULA_BY_SLOPE(Inputs, rows, c, dy, base, tilt, dx)}

LINGULA_CLONES
    void InputGradients(const NormRows<uint16_t>& rows, const NormCoefficients& c,
                        const uint16_t* dy, const float* base, const float* tilt, uint16_t* dx) {
  LINGULA_BY_SLOPE(Inputs, rows, c, dy, base, tilt, dx)
}

}  // namespace lingula
