// Loops of Softmax over plain memory, one clone for each generation of vector instructions.
#pragma once

#include <cstdint>

namespace lingula {

// In place: each of `count` rows of `columns` values, one after the other, to exp(x) / sum(exp(x)).
// uint16_t: the bits of bfloat16; sums are in float. A row that holds a NaN becomes NaN.
void SoftmaxRows(float* rows, int64_t count, int64_t columns);
void SoftmaxRows(uint16_t* rows, int64_t count, int64_t columns);

}  // namespace lingula
