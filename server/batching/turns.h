// Who had how much of an engine.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "absl/types/span.h"
#include "server/batching/place.h"

namespace lingula {

// Hands out turns: to the caller, and within it the stream, that had least so far. Who comes new,
// or comes back after a pause, starts level with the one that had least: nobody is owed the past.
// Threads  None of its own: the queue guards it.
class Turns {
 public:
  // Indices, ascending, of up to `size` ready places; of a stream those that are due first.
  // `places` earliest due first.
  std::vector<int> Draw(absl::Span<const Place> places, int size) const;
  // `drawn` of `places` went to the engine. Flows without a place are forgotten.
  void Spend(absl::Span<const Place> places, absl::Span<const int> drawn);

 private:
  using Spent = std::map<uint64_t, uint64_t>;  // samples, by caller or stream

  Spent callers_;
  std::map<uint64_t, Spent> streams_;  // by caller
};

}  // namespace lingula
