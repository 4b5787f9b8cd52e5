// What went wrong, for the person in front of the page.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "client/console/http_messages.h"

namespace lingula::console {

struct Problem {
  int http_status = 500;
  const char* sentence = "";  // what happened
  const char* advice = "";    // what to do about it
};

Problem ProblemOf(absl::StatusCode code);

// {"code": "NOT_FOUND", "sentence": ..., "advice": ..., "detail": the status's own message}, one
// line.
std::string ProblemJson(const absl::Status& status);
HttpReply ProblemReply(const absl::Status& status);

}  // namespace lingula::console
