// A fuzz target is one source that defines Seeds() and Accepts(); the driver, or libFuzzer in the
// `fuzz` preset, calls them.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace lingula::fuzz {

// Inputs that mutation starts from, made in code: good ones and bad ones. The first is good.
std::vector<std::string> Seeds();

// Parses `input` and says whether it was accepted. A crash, a sanitizer's report and a broken
// Require() are findings.
bool Accepts(absl::string_view input);

// What must hold for every input.
inline void Require(bool holds, const char* what) {
  if (!holds) {
    std::fprintf(stderr, "fuzz: does not hold: %s\n", what);
    std::abort();
  }
}

// A refusal that a stranger can act on and a log can take: neither empty nor a copy of the input.
inline void RequireMessage(absl::string_view message) {
  constexpr size_t kMaxMessageBytes = 1 << 14;
  Require(!message.empty(), "a refusal says why");
  Require(message.size() <= kMaxMessageBytes, "a message is short");
  for (const char c : message) {
    Require(static_cast<unsigned char>(c) >= ' ' || c == '\n', "a message can be printed");
  }
}

}  // namespace lingula::fuzz
