// `lingula segment`: sends files, prints answers, writes masks.
#pragma once

#include <iosfwd>

#include "client/client.h"
#include "client/segment_options.h"

namespace lingula::cli {

// Sends each input in turn. A file that fails is reported on `err` and the others go on; a server
// that cannot be reached any more ends it. `show_progress`: `err` is a terminal. Returns an exit
// code (segment_options.h).
int Segment(Client& client, const ServerOptions& server, const SegmentOptions& options,
            std::ostream& out, std::ostream& err, bool show_progress);

}  // namespace lingula::cli
