// The gate, as calls of gRPC see it.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include "absl/status/statusor.h"
#include "server/security/gate.h"

namespace lingula {

// Leave to make the call of `context`, which holds what `claim` says while the result lives.
// Errors   UNAUTHENTICATED, PERMISSION_DENIED; RESOURCE_EXHAUSTED with a time to retry, which
// gRPC's
//          own retries are told of too.
absl::StatusOr<Pass> Admit(Gate& gate, Role role, Claim claim,
                           grpc::CallbackServerContext& context);

// For a call that is answered at once: null, or how the call ended.
grpc::ServerUnaryReactor* RefuseUnless(Gate& gate, Role role, grpc::CallbackServerContext& context);

}  // namespace lingula
