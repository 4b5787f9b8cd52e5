// A video from the page, and its frames with their masks back to it.
#pragma once

#include <atomic>
#include <memory>

#include "client/console/http_door.h"
#include "client/console/service.h"

namespace lingula::console {

// Parameters: "model", "policy" (freshest or every-frame), "left" as in Segment. The reply is a row
// of envelopes: {"fps"} first, a PageFrame for each frame, and {"end": true} or {"problem":
// ProblemJson} last. `playing` counts the videos that lie in memory now.
std::unique_ptr<HttpDoor::Exchange> OpenVideoExchange(Service& service, std::atomic<int>& playing,
                                                      const HttpRequest& request);

inline constexpr char kVideoReplyType[] = "application/octet-stream";

}  // namespace lingula::console
