// Memory of an engine of published size, in a process that holds nothing else.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace lingula::bench {

// Makes lingula-nets-bench the process that is measured.
inline constexpr char kMemoryFlag[] = "--memory-child";

// Loads the bundle as a server does, runs one batch of 8 and prints its resident megabytes.
// Returns the exit code.
int RunMemory(const std::string& bundle);

// Writes an SGSeg bundle of published size (0.3 GB) into a folder for temporary files, measures it
// in a process of its own, removes it. Resident megabytes (10^6 bytes).
absl::StatusOr<double> SgsegResidentMegabytes();

}  // namespace lingula::bench
