// What the page asks for, but for videos.
#pragma once

#include <string>

#include "client/console/http_messages.h"
#include "client/console/service.h"
#include "lingula/v1/segmentation.pb.h"

namespace lingula::console {

// Facts that the page needs once: the service's address, limits, colours and where zones lie.
HttpReply About(const Service& service);
// {"serving": true}, or {"serving": false, "problem": ProblemJson}.
HttpReply Status(Service& service);
// ListModels, as JSON.
HttpReply Models(Service& service);
// GetModel of the parameter "model", as JSON.
HttpReply Card(Service& service, const HttpRequest& request);

// Segment `file` with the parameters "model", "frame" (from 1) and "left" (patient-right or
// patient-left): a PageAnswer.
HttpReply Segment(Service& service, const HttpRequest& request, const std::string& file);
// What the server sees in `file`, a PNG file.
HttpReply Picture(Service& service, const HttpRequest& request, const std::string& file);

}  // namespace lingula::console
