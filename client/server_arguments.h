// How programs are told which server to call, and how: the same words in each.
#pragma once

#include <CLI/CLI.hpp>

#include "client/client.h"
#include "client/segment_options.h"

namespace lingula::cli {

// Adds --server and --deadline-ms.
void AddServer(CLI::App& verb, ServerOptions& into);

ClientOptions ClientOptionsFrom(const ServerOptions& server);

}  // namespace lingula::cli
