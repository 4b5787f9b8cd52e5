// HTTP as the rest of the console knows it.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace lingula::console {

struct HttpRequest {
  std::map<std::string, std::string> parameters;  // of the query; the first of each name

  // Empty when it is not there.
  std::string Get(const std::string& name) const {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string() : found->second;
  }
};

struct HttpReply {
  int status = 200;
  std::string type;  // of the content
  std::string body;
};

// Takes the next piece of a body; false: no more of it is wanted.
using TakePiece = std::function<bool(absl::string_view)>;

}  // namespace lingula::console
