// allocating KIND COUNT: allocates so often in that way, 64 bytes each, for allocation_counts_test.
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

// Through it the compiler cannot see that nobody uses the memory.
void* volatile kept = nullptr;

constexpr std::size_t kBytes = 64;

void Allocate(const char* kind) {
  void* block = nullptr;
  if (std::strcmp(kind, "malloc") == 0) {
    block = std::malloc(kBytes);
  } else if (std::strcmp(kind, "calloc") == 0) {
    block = std::calloc(8, kBytes / 8);
  } else if (std::strcmp(kind, "realloc") == 0) {
    block = std::realloc(nullptr, kBytes);
  } else if (std::strcmp(kind, "aligned_alloc") == 0) {
    block = std::aligned_alloc(64, kBytes);
  } else if (std::strcmp(kind, "posix_memalign") == 0) {
    if (posix_memalign(&block, 64, kBytes) != 0) {
      std::abort();
    }
  } else if (std::strcmp(kind, "new") == 0) {
    kept = ::operator new(kBytes);
    ::operator delete(kept);
    return;
  } else if (std::strcmp(kind, "aligned_new") == 0) {
    kept = ::operator new(kBytes, std::align_val_t(64));
    ::operator delete(kept, std::align_val_t(64));
    return;
  }
  kept = block;
  std::free(kept);
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc == 3 ? std::atoi(argv[2]) : 0;
  for (int i = 0; i < count; ++i) {
    Allocate(argv[1]);
  }
  return argc == 3 ? 0 : 2;
}
