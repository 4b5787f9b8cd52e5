// What this machine can do: the rate of its matrix products, which a forward pass consists of.
#pragma once

namespace lingula::bench {

// Billions of floating-point operations a second; a multiply-accumulate is two. The best of all
// calls of Measure.
struct MatrixRates {
  double plain = 0;     // float32 as Torch multiplies
  double packed = 0;    // float32 by oneDNN, one side packed beforehand
  double bfloat16 = 0;  // by oneDNN

  double float32() const { return plain > packed ? plain : packed; }
  void Measure(bool with_bfloat16);
};

}  // namespace lingula::bench
