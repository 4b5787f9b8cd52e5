#include "tests/bench/allocation_counts.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"

namespace lingula::bench {

absl::StatusOr<std::unique_ptr<AllocationCounts>> AllocationCounts::Create() {
  std::string path =
      (std::filesystem::temp_directory_path() / "lingula-allocations-XXXXXX").string();
  const int file = mkstemp(path.data());
  void* mapped = MAP_FAILED;
  if (file >= 0 && ftruncate(file, sizeof(AllocationTotals)) == 0) {
    mapped = mmap(nullptr, sizeof(AllocationTotals), PROT_READ, MAP_SHARED, file, 0);
  }
  if (mapped == MAP_FAILED) {
    return absl::InternalError(
        absl::StrCat(path, ": no file to count allocations in: ", std::strerror(errno)));
  }
  close(file);
  return std::unique_ptr<AllocationCounts>(
      new AllocationCounts(path, static_cast<AllocationTotals*>(mapped)));
}

AllocationCounts::~AllocationCounts() {
  munmap(totals_, sizeof(AllocationTotals));
  unlink(path_.c_str());
}

std::vector<std::string> AllocationCounts::Launcher(const std::string& folder) const {
  return {"/usr/bin/env", absl::StrCat("LD_PRELOAD=", folder, "/liblingula-count-allocations.so"),
          absl::StrCat(kAllocationFileVariable, "=", path_)};
}

Allocations AllocationCounts::Now() const {
  return {static_cast<double>(totals_->calls.load()), static_cast<double>(totals_->bytes.load())};
}

}  // namespace lingula::bench
