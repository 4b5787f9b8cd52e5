// When the caller of an RPC stops waiting.
#pragma once

#include <grpcpp/support/server_callback.h>

#include "model/base/clock.h"

namespace lingula {

// The deadline of a call in the server's monotonic time, `now`; Instant::max() without one.
Instant DeadlineOf(const grpc::CallbackServerContext& context, Instant now);

}  // namespace lingula
