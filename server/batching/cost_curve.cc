#include "server/batching/cost_curve.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace lingula {
namespace {

using std::chrono::microseconds;

constexpr double kLoadShare = 0.25;       // of a new measurement in the common factor
constexpr double kSizeShare = 0.05;       // in its own size
constexpr double kDeviationShare = 0.1;   // in the deviation
constexpr double kLargestSurprise = 4;    // one page fault must not look like a slow machine
constexpr double kCloseToBest = 0.99;     // of the best rate
constexpr uint64_t kTryEvery = 16;        // full batches
constexpr double kDeviationsAllowed = 2;  // between expectation and bound

microseconds Micros(double us) {
  return microseconds(std::llround(us));
}

}  // namespace

CostCurve::CostCurve(int max_size)
    : measured_us_(max_size + 1), curve_us_(max_size + 1), best_size_(max_size) {}

void CostCurve::Learn(const BatchCost& batch) {
  const double took = std::max<double>(1, static_cast<double>(batch.took.count()));
  double& own = measured_us_[batch.size];
  if (own == 0) {
    own = took / load_;
  } else {
    const double surprise =
        std::clamp(took / (own * load_), 1 / kLargestSurprise, kLargestSurprise);
    deviation_ += kDeviationShare * (std::abs(surprise - 1) - deviation_);
    load_ *= 1 + kLoadShare * (surprise - 1);
    own *= 1 + kSizeShare * (surprise - 1);
  }
  // Only the product of the two is measured: without this they might drift apart for ever.
  if (load_ < 0.5 || load_ > 2) {
    for (double& us : measured_us_) {
      us *= load_;
    }
    load_ = 1;
  }
  Interpolate();
}

microseconds CostCurve::Expected(int size) const {
  return Micros(curve_us_[size] * load_);
}

microseconds CostCurve::Bound(int size) const {
  return Micros(curve_us_[size] * load_ * (1 + kDeviationsAllowed * deviation_));
}

int CostCurve::SizeToTry(uint64_t batch) const {
  if (batch % kTryEvery != kTryEvery - 1) {
    return best_size_;
  }
  const int others[] = {2 * best_size_, best_size_ / 2, best_size_ + 1, best_size_ - 1};
  return std::clamp(others[batch / kTryEvery % std::size(others)], 1, max_size());
}

// Below the smallest size seen: what that costs, since a smaller batch never costs more. Beyond the
// largest: in proportion, since a batch of many is never dearer than one by one.
double CostCurve::Unloaded(int size) const {
  int below = size, above = size;
  while (below > 0 && measured_us_[below] == 0) {
    --below;
  }
  while (above <= max_size() && measured_us_[above] == 0) {
    ++above;
  }
  if (below == 0) {
    return above > max_size() ? 0 : measured_us_[above];
  }
  if (above > max_size()) {
    return measured_us_[below] * size / below;
  }
  const double share = below == above ? 0 : double(size - below) / (above - below);
  return measured_us_[below] + share * (measured_us_[above] - measured_us_[below]);
}

void CostCurve::Interpolate() {
  double best_rate = 0;
  for (int size = 1; size <= max_size(); ++size) {
    // Noise must not make a larger batch look cheaper than a smaller one.
    curve_us_[size] = std::max(Unloaded(size), curve_us_[size - 1]);
    best_rate = std::max(best_rate, size / curve_us_[size]);
  }
  best_size_ = max_size();
  if (measured_us_[max_size()] == 0) {
    return;
  }
  for (int size = max_size(); size >= 1; --size) {
    if (size / curve_us_[size] >= kCloseToBest * best_rate) {
      best_size_ = size;
    }
  }
}

}  // namespace lingula
