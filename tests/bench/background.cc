#include "tests/bench/background.h"

#include <future>

namespace lingula::bench {

void RunInBackground(const OpenLoad& load, Connections& connections, Ledger& ledger, Nanos period,
                     const std::function<void()>& look) {
  const std::future<void> ended =
      std::async(std::launch::async, [&] { Run(load, connections, ledger); });
  auto next = std::chrono::steady_clock::now();
  do {
    look();
    next += period;
  } while (ended.wait_until(next) != std::future_status::ready);
}

}  // namespace lingula::bench
