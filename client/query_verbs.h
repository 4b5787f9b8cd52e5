// `lingula models` and `lingula health`. Both return an exit code (segment_options.h).
#pragma once

#include <iosfwd>
#include <string>

#include "client/client.h"
#include "client/segment_options.h"

namespace lingula::cli {

int ListModels(Client& client, const ServerOptions& server, bool json, std::ostream& out,
               std::ostream& err);

struct HealthOptions {
  std::string service;  // empty: the whole server
  // Any answer is all well. For supervisors that restart what does not answer: a server that
  // drains, or that waits for a model, is to be left alone.
  bool alive = false;
};

// Only SERVING is all well, unless asked for less.
int Health(Client& client, const ServerOptions& server, const HealthOptions& options,
           std::ostream& out, std::ostream& err);

}  // namespace lingula::cli
