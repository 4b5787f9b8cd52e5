// The command `lingula`.
#pragma once

#include <iosfwd>

namespace lingula::cli {

// Parses and runs. `in` is read by `stream -` only. `err_is_terminal` allows a progress line.
// Returns the exit code: 0 all well, 1 some inputs failed, 2 usage, 3 server not reachable.
int Run(int argc, const char* const* argv, std::istream& in, std::ostream& out, std::ostream& err,
        bool err_is_terminal);

}  // namespace lingula::cli
