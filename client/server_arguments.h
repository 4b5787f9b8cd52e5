// How programs are told which server to call, and how to reach it: the same words in each.
#pragma once

#include "client/channel_security.h"
#include "client/client.h"
#include "client/segment_options.h"

namespace CLI {
class App;
}

namespace lingula::cli {

// Adds --server, --deadline-ms and those of AddSecurity. `into` outlives the parser.
void AddServer(CLI::App& verb, ServerOptions& into);

// --tls, --ca, --cert, --key, --token-file, --authority. `into` outlives the parser.
void AddSecurity(CLI::App& verb, ChannelSecurity& into);

ClientOptions ClientOptionsFrom(const ServerOptions& server);

}  // namespace lingula::cli
