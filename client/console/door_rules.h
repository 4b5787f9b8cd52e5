// Who may call the console, and what browsers may do with its answers.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace lingula::console {

struct DoorRules {
  // Names by which the console may be called besides localhost and bare IP addresses.
  std::vector<std::string> names;
};

// What of a request says where it comes from.
struct Caller {
  bool changes = false;  // any method but GET and HEAD
  std::string host;      // the header
  std::string origin;    // the header; browsers send it with every POST
};

// PERMISSION_DENIED for a page of another site: one that calls us by a name of its own (DNS
// rebinding; an IP address cannot be rebound), or that posts from another origin.
absl::Status CheckCaller(const DoorRules& rules, const Caller& caller);

// Headers of every answer.
const std::vector<std::pair<std::string, std::string>>& DoorHeaders();

}  // namespace lingula::console
