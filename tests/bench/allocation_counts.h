// How often a program asks for heap memory. liblingula-count-allocations.so, loaded before all
// other libraries, counts into a file that is mapped here too.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace lingula::bench {

// What both sides map. Every malloc, calloc, realloc, aligned_alloc, memalign, posix_memalign,
// valloc and pvalloc counts, whichever library calls it; operator new comes by malloc. Memory that
// is mapped without them does not.
struct AllocationTotals {
  std::atomic<uint64_t> calls;
  std::atomic<uint64_t> bytes;  // as asked for
};
static_assert(std::atomic<uint64_t>::is_always_lock_free, "two processes share them");

// Names the file to the library.
inline constexpr char kAllocationFileVariable[] = "LINGULA_ALLOCATION_COUNTS";

struct Allocations {
  double calls = 0, bytes = 0;
};

// Owns the file.
class AllocationCounts {
 public:
  // INTERNAL when there can be no such file.
  static absl::StatusOr<std::unique_ptr<AllocationCounts>> Create();
  ~AllocationCounts();
  AllocationCounts(const AllocationCounts&) = delete;
  AllocationCounts& operator=(const AllocationCounts&) = delete;

  // Words before a program's own that let it be counted. `folder` holds the library.
  std::vector<std::string> Launcher(const std::string& folder) const;
  // Since the start of the program.
  Allocations Now() const;

 private:
  AllocationCounts(std::string path, AllocationTotals* totals)
      : path_(std::move(path)), totals_(totals) {}

  const std::string path_;
  AllocationTotals* const totals_;  // mapped
};

}  // namespace lingula::bench
