// The library that counts a program's allocations: allocation_counts.h. It stands before the C
// library and hands on to it by the names that glibc has for that.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>

#include "tests/bench/allocation_counts.h"

extern "C" {
void* __libc_malloc(size_t bytes);
void* __libc_calloc(size_t count, size_t bytes);
void* __libc_realloc(void* block, size_t bytes);
void* __libc_memalign(size_t alignment, size_t bytes);
void* __libc_valloc(size_t bytes);
void* __libc_pvalloc(size_t bytes);
}

namespace {

// Counts nothing until the file is mapped: what is allocated before is the loader's.
std::atomic<lingula::bench::AllocationTotals*> totals{nullptr};

__attribute__((constructor)) void MapTotals() {
  const char* const path = std::getenv(lingula::bench::kAllocationFileVariable);
  const int file = path == nullptr ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) {
    return;
  }
  void* const mapped = mmap(nullptr, sizeof(lingula::bench::AllocationTotals),
                            PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (mapped != MAP_FAILED) {
    totals.store(static_cast<lingula::bench::AllocationTotals*>(mapped));
  }
}

void Count(size_t bytes) {
  if (auto* const all = totals.load(std::memory_order_acquire)) {
    all->calls.fetch_add(1, std::memory_order_relaxed);
    all->bytes.fetch_add(bytes, std::memory_order_relaxed);
  }
}

}  // namespace

extern "C" {

void* malloc(size_t bytes) {
  Count(bytes);
  return __libc_malloc(bytes);
}

void* calloc(size_t count, size_t bytes) {
  Count(count * bytes);
  return __libc_calloc(count, bytes);
}

void* realloc(void* block, size_t bytes) {
  Count(bytes);
  return __libc_realloc(block, bytes);
}

void* memalign(size_t alignment, size_t bytes) {
  Count(bytes);
  return __libc_memalign(alignment, bytes);
}

void* aligned_alloc(size_t alignment, size_t bytes) {
  Count(bytes);
  return __libc_memalign(alignment, bytes);
}

int posix_memalign(void** block, size_t alignment, size_t bytes) {
  const bool power_of_two = alignment > 0 && (alignment & (alignment - 1)) == 0;
  if (!power_of_two || alignment % sizeof(void*) != 0) {
    return EINVAL;
  }
  Count(bytes);
  void* const found = __libc_memalign(alignment, bytes);
  if (found == nullptr) {
    return ENOMEM;
  }
  *block = found;
  return 0;
}

void* valloc(size_t bytes) {
  Count(bytes);
  return __libc_valloc(bytes);
}

void* pvalloc(size_t bytes) {
  Count(bytes);
  return __libc_pvalloc(bytes);
}

}  // extern "C"
