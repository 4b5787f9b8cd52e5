// A restricted reader of Python pickles (protocols 0 to 5). A pickle is a program; this one can
// only build plain containers. It imports nothing, runs nothing and knows no attribute access:
//   naming a class or function    is harmless, a kGlobal
//   instantiating an unknown one  makes a kOpaque that holds nothing
//   calling one                   is refused, unless it is on the list in pickle_calls.cc (Python's
//                                 containers, bytes, paths) or known to `PickleHooks::call`
// Thread-compatible: no global state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/import/pickle_value.h"

namespace lingula {

// What reading may cost, shared by all pickles of a file, nested ones included.
struct PickleBudget {
  // Steps of the program; each makes at most one value. A checkpoint with its optimiser's state
  // takes some 200,000.
  int64_t steps = 2000000;
  // Bytes that are decoded to somewhere else or parsed again; set it from the file's size.
  int64_t bytes = 0;
  // Pickles within pickles.
  int nesting = 3;
};
// Four times the input: enough for protocol 0, where a nested storage is decoded twice.
PickleBudget BudgetFor(size_t input_bytes);

struct PickleHooks {
  // The value of name(args...); null when the name is unknown, which refuses the file.
  std::function<absl::StatusOr<PickleValue*>(absl::string_view name,
                                             const std::vector<const PickleValue*>& args)>
      call;
  // The object that lies outside the pickle under this id.
  std::function<absl::StatusOr<PickleValue*>(const PickleValue& id)> persistent;
};

struct ParsedPickle {
  const PickleValue* value = nullptr;
  size_t bytes = 0;  // length of the pickle, its STOP included
};

// Reads the pickle at the start of `input`. Texts of the values point into `input` or the arena.
// Errors   PERMISSION_DENIED naming the callable that the file asks to call; INVALID_ARGUMENT with
//          the position and the opcode for everything malformed; RESOURCE_EXHAUSTED past a limit.
absl::StatusOr<ParsedPickle> ParsePickle(absl::string_view input, const PickleHooks& hooks,
                                         PickleArena& arena, PickleBudget& budget);

// A name of the file made safe for a message: escaped and not too long.
std::string Quoted(absl::string_view name);

}  // namespace lingula
