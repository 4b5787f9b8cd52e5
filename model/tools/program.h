// main() of our command-line tools.
#pragma once

#include <functional>
#include <iostream>

#include <CLI/CLI.hpp>

#include "absl/status/status.h"

namespace lingula {

// Parses and runs. Exit code: 0 all well (or help was asked for), 1 `run` failed and its message is
// on standard error, 2 usage.
inline int RunProgram(CLI::App& app, int argc, const char* const* argv,
                      const std::function<absl::Status()>& run) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const absl::Status status = run();
  if (!status.ok()) {
    std::cerr << app.get_name() << ": " << status.message() << "\n";
    return 1;
  }
  return 0;
}

}  // namespace lingula
