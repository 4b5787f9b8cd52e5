// Which processors a thread runs on.
#pragma once

#include <vector>

#include "absl/types/span.h"

namespace lingula {

// The processors that this process may use, ascending: fewer than the machine has in a container
// with a CPU set.
std::vector<int> AllowedCores();

// Keeps the calling thread, and threads that it starts from now on, on `cores`; empty: changes
// nothing. False when the system refuses.
bool StayOn(absl::Span<const int> cores);

// The cores of engine number `instance` where each engine has `threads`: the next so many, from the
// start again when they are used up.
std::vector<int> CoresOfInstance(absl::Span<const int> allowed, int instance, int threads);

}  // namespace lingula
