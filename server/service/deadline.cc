#include "server/service/deadline.h"

#include <chrono>

#include <grpcpp/server_context.h>

namespace lingula {

// gRPC gives deadlines in wall-clock time.
Instant DeadlineOf(const grpc::CallbackServerContext& context, Instant now) {
  const auto deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) {
    return Instant::max();
  }
  const auto left = deadline - std::chrono::system_clock::now();
  // Beyond a day nobody waits, and far-off deadlines would overflow.
  return left > std::chrono::hours(24) ? Instant::max()
                                       : now + std::chrono::duration_cast<Instant::duration>(left);
}

}  // namespace lingula
