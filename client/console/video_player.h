// Frames of a video through SegmentStream, to whoever shows them.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "client/client.h"
#include "client/console/http_messages.h"
#include "client/frame_source.h"

namespace lingula::console {

// Sends the frames of `source` at their pace and writes a PageFrame for each answer, until the
// video has ended or `write` returns false. Never more frames under way than a few: where `write`
// is slow the server is read slowly, and frames wait or are dropped as `settings` say. Errors   the
// stream's; those of `source`.
absl::Status PlayVideo(Client& client, const v1::StreamSettings& settings, cli::FrameSource& source,
                       const TakePiece& write);

}  // namespace lingula::console
