// Options of the command line that say which server and how to reach it, the same for all verbs.
#pragma once

#include "client/channel_security.h"

namespace CLI {
class App;
}

namespace lingula::cli {

// --tls, --ca, --cert, --key, --token-file, --authority. `into` outlives the parser.
void AddSecurity(CLI::App& verb, ChannelSecurity& into);

}  // namespace lingula::cli
