// A clock that moves only when told to.
#pragma once

#include <atomic>

#include "model/base/clock.h"

namespace lingula::test {

class FakeClock final : public Clock {
 public:
  Instant Now() const override { return Instant(std::chrono::nanoseconds(now_ns_)); }
  void Advance(std::chrono::nanoseconds by) { now_ns_ += by.count(); }

 private:
  std::atomic<int64_t> now_ns_{1'000'000'000};
};

}  // namespace lingula::test
