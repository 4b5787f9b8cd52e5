// What processes take from the machine.
#pragma once

#include <sys/types.h>

#include "absl/status/statusor.h"

namespace lingula::bench {

// Processor seconds of this process, all threads, without its children.
double OwnCpuSeconds();
double SecondsSinceBoot();  // steady

// Share of all cores' time, in [0, 1], that this process takes from its construction on: the load
// generator's part of a machine that it shares with the server.
class OwnShare {
 public:
  OwnShare();
  double Share() const;

 private:
  const double cpu_s_, wall_s_;
};

struct Memory {
  double resident_mb = 0;  // now; 1 MB is 10^6 bytes
  double peak_mb = 0;
};
// INTERNAL when there is no such process.
absl::StatusOr<Memory> MemoryOf(pid_t pid);

}  // namespace lingula::bench
