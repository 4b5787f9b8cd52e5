// `lingula models` and `lingula health`. Both return an exit code (segment_options.h).
#pragma once

#include <iosfwd>
#include <string>

#include "client/client.h"
#include "client/segment_options.h"

namespace lingula::cli {

int ListModels(Client& client, const ServerOptions& server, bool json, std::ostream& out,
               std::ostream& err);

// `service` empty: the whole server. Only SERVING is all well.
int Health(Client& client, const ServerOptions& server, const std::string& service,
           std::ostream& out, std::ostream& err);

}  // namespace lingula::cli
