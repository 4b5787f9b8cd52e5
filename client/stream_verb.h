// `lingula stream`: sends frames, shows how it goes, writes the overlay.
#pragma once

#include <iosfwd>

#include "client/client.h"
#include "client/segment_options.h"

namespace lingula::cli {

// Frames that fail are named on `err` and the others go on. `in` is read when the input is "-".
// `show_progress`: `err` is a terminal, which gets a line that renews itself. Returns an exit code
// (segment_options.h); frames that gave way or grew too old as the options ask are no failure.
int Stream(Client& client, const StreamOptions& options, std::istream& in, std::ostream& out,
           std::ostream& err, bool show_progress);

}  // namespace lingula::cli
