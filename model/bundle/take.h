// Numbers of a configuration file.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"
#include "model/bundle/textproto.h"

namespace lingula {

// Takes a number when the file gives it and it is in range; reports it when it is not, and leaves
// the default, so that one mistake does not cause another.
template <typename T>
void Take(Textproto& text, absl::string_view field, uint32_t value, int64_t lowest, int64_t highest,
          T& into) {
  if (!text.Has(field)) {
    return;
  }
  text.CheckRange(field, value, lowest, highest);
  if (value >= lowest && value <= highest) {
    into = static_cast<T>(value);
  }
}

}  // namespace lingula
