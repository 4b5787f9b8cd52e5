// The yardstick: the same network as plain eager LibTorch runs it, in a process of its own, because
// the engines set up the allocator and the threads of theirs.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tests/bench/child.h"

namespace lingula::bench {

// Makes lingula-bench the yardstick process.
inline constexpr char kEagerFlag[] = "--eager-child";

// The yardstick process: for each line "<milliseconds> <batch>" on standard input runs forward
// passes for that long and prints images a second. Returns the exit code at the end of the input.
int RunEager(const std::string& bundle);

// Its other end.
class EagerChild {
 public:
  // Costs nothing until the first measurement. OpenMP's settings of this process (how its threads
  // wait) are not passed on.
  static absl::StatusOr<EagerChild> Start(const std::string& bundle);
  absl::StatusOr<double> ImagesPerSecond(int batch, std::chrono::milliseconds duration);

 private:
  explicit EagerChild(std::unique_ptr<Child> child) : child_(std::move(child)) {}
  std::unique_ptr<Child> child_;
};

}  // namespace lingula::bench
