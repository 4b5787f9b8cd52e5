// Sends a schedule, whatever the answers do.
#pragma once

#include <functional>
#include <vector>

#include "tests/bench/ledger.h"
#include "tests/bench/traffic.h"
#include "tests/bench/wire.h"

namespace lingula::bench {

struct OpenLoad {
  std::vector<Payload> inputs;    // Planned::input counts them
  std::vector<Planned> requests;  // by time
  // Whether an OK answer is what request number `request` should get. None: all are. Called on
  // gRPC's threads, by several at a time.
  std::function<bool(size_t request, const grpc::ByteBuffer& answer)> is_right;
  // Ids "0", "1", ... for the requests; else they have none and the server makes some.
  bool number_requests = false;
};

// Nobody waits longer, deadline or not. A request that nobody answers until then is broken.
inline constexpr Millis kPatience{60'000};

// A deadline and the time of an answer count from the moment that the schedule says, also when the
// client is behind it. Blocks until every request has been answered; `ledger` has a line for each.
void Run(const OpenLoad& load, Connections& connections, Ledger& ledger);

}  // namespace lingula::bench
