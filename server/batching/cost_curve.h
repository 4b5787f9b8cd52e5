// What a batch of each size costs.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace lingula {

// How long one batch took.
struct BatchCost {
  int size = 1;
  std::chrono::microseconds took{0};
};

// The time of a forward pass by batch size, measured before the first request and kept current by
// every batch since. Other work on the machine slows all sizes alike, so each measurement moves one
// common factor quickly and its own size slowly; sizes never seen lie on the line between their
// neighbours.
// Threads  None of its own: the queue guards it.
class CostCurve {
 public:
  // Sizes 1 to `max_size`.
  explicit CostCurve(int max_size);

  void Learn(const BatchCost& batch);
  // Expected time; 0 while nothing was measured. `size` in [1, max_size].
  std::chrono::microseconds Expected(int size) const;
  // What a deadline is held against: the expected time and the usual deviation from it, twice.
  std::chrono::microseconds Bound(int size) const;
  // The smallest size whose rate comes close to the best one: larger batches would only add
  // waiting. max_size until that was measured: nobody knows yet what company is worth.
  int BestSize() const { return best_size_; }
  // For full batch number `batch`: the best size, but now and then a neighbour or half or twice as
  // many, so that a size that once looked dear gets another chance.
  int SizeToTry(uint64_t batch) const;
  int max_size() const { return static_cast<int>(measured_us_.size()) - 1; }

 private:
  double Unloaded(int size) const;
  void Interpolate();

  std::vector<double> measured_us_;  // by size, without load_; 0: never seen
  std::vector<double> curve_us_;     // the same with gaps filled
  double load_ = 1;                  // how much slower than that the machine is now
  double deviation_ = 0;             // mean |actual / expected - 1|
  int best_size_;
};

}  // namespace lingula
