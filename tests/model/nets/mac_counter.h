// Multiply-accumulates of a forward pass, counted where Torch dispatches them.
#pragma once

#include <cstdint>

#include <ATen/record_function.h>

namespace lingula::test {

// Counts convolutions, matrix products and attention (scores and mixing) on this thread while it
// lives. Normalisation, activations and sums are not counted, as is usual. Not for folded networks:
// their kernels are not among the operators it knows.
class MacCounter {
 public:
  MacCounter();
  ~MacCounter();
  MacCounter(const MacCounter&) = delete;
  MacCounter& operator=(const MacCounter&) = delete;

  int64_t macs() const;

 private:
  at::CallbackHandle handle_;
};

}  // namespace lingula::test
