// `lingula segment`: sends files, prints answers, writes masks.
#pragma once

#include <iosfwd>

#include "client/client.h"
#include "client/segment_options.h"

namespace lingula::cli {

// Sends each input in turn, options.jobs at a time; with more than one, results come as they are
// ready. A file that fails is reported on `err` and the others go on; a server that cannot be
// reached any more ends it, and so does Ctrl-C (SIGINT or SIGTERM) after what is under way:
// what was written stays, and kSomeFailed says that not all was done. `show_progress`: `err` is a
// terminal. Returns an exit code (segment_options.h).
int Segment(Client& client, const ServerOptions& server, const SegmentOptions& options,
            std::ostream& out, std::ostream& err, bool show_progress);

}  // namespace lingula::cli
