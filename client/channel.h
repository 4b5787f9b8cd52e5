// Channels to a server, the same for all clients.
#pragma once

#include <memory>
#include <string>

#include <grpcpp/channel.h>
#include <grpcpp/support/channel_arguments.h>

#include "absl/status/statusor.h"
#include "client/channel_security.h"

namespace lingula {

// Connects when it is first used. Never through an HTTP proxy: images must not leave by a way that
// nobody chose. Each call carries the token, if there is one.
// Errors   those of ReadFile for files that cannot be read; INVALID_ARGUMENT for a certificate
//          without key, a token file without token, or a token that would travel readable to
//          another machine.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(
    const std::string& target, const ChannelSecurity& security,
    grpc::ChannelArguments arguments = grpc::ChannelArguments());

// Whether `target` is this machine, so that nobody else can listen in.
bool IsLoopback(const std::string& target);

}  // namespace lingula
