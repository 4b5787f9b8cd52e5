// Loops of NormActivate over plain memory, one clone for each generation of vector instructions.
#pragma once

#include <cstdint>

namespace lingula {

enum class NormSlope { kNone, kRelu, kRelu6, kLeakyRelu };

// Rows [from, to) of a matrix [rows, channels], row-major. T: float, or uint16_t for the bits of
// bfloat16. z = gain * x + offset is the normalised value, f the activation.
template <typename T>
struct NormRows {
  const T* x;
  int64_t from, to, channels;
  NormSlope slope;
};

// sum += x - shift, squares += (x - shift)^2.
void SumRows(const NormRows<float>& rows, const float* shift, float* sum, float* squares);
void SumRows(const NormRows<uint16_t>& rows, const float* shift, float* sum, float* squares);

// y = f(z).
void NormalizeRows(const NormRows<float>& rows, const float* gain, const float* offset, float* y);
void NormalizeRows(const NormRows<uint16_t>& rows, const float* gain, const float* offset,
                   uint16_t* y);

// What both parts of the backward pass read, [channels] each.
struct NormCoefficients {
  const float *gain, *offset, *mean;
};

// With g = dy f'(z): sum += g, product += g (x - mean).
void SumGradients(const NormRows<float>& rows, const NormCoefficients& c, const float* dy,
                  float* sum, float* product);
void SumGradients(const NormRows<uint16_t>& rows, const NormCoefficients& c, const uint16_t* dy,
                  float* sum, float* product);

// dx = gain (g - base - (x - mean) tilt).
void InputGradients(const NormRows<float>& rows, const NormCoefficients& c, const float* dy,
                    const float* base, const float* tilt, float* dx);
void InputGradients(const NormRows<uint16_t>& rows, const NormCoefficients& c, const uint16_t* dy,
                    const float* base, const float* tilt, uint16_t* dx);

}  // namespace lingula
