#include "server/service/caller.h"

#include <algorithm>

namespace lingula {
namespace {

// A client whose deadline passes cancels its call, and gRPC rounds deadlines up by at most 1 % on
// the wire: a cancellation this close to the server's deadline is an expiry.
bool IsExpired(const Caller& caller, Instant now) {
  using std::chrono::milliseconds;
  if (caller.deadline == Instant::max()) {
    return false;
  }
  const Instant::duration slack =
      std::max<Instant::duration>(milliseconds(5), (caller.deadline - caller.arrived) / 50);
  const bool cancelled = caller.cancelled != nullptr && *caller.cancelled;
  return now >= caller.deadline || (cancelled && now + slack >= caller.deadline);
}

}  // namespace

absl::Status CheckAwaited(const Caller& caller, Instant now) {
  if (IsExpired(caller, now)) {
    return absl::DeadlineExceededError("the deadline passed before the answer was ready");
  }
  if (caller.cancelled != nullptr && *caller.cancelled) {
    return absl::CancelledError("cancelled by the caller");
  }
  return absl::OkStatus();
}

std::string HostOf(const std::string& peer) {
  return peer.substr(0, peer.rfind(':'));
}

}  // namespace lingula
