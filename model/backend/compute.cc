#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <thread>

#include <torch/torch.h>

#include "model/backend/load_engine.h"

namespace lingula {

void WaitBriefly(char** argv) {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr && std::getenv("GOMP_SPINCOUNT") == nullptr) {
    setenv("OMP_WAIT_POLICY", "ACTIVE", 1);
    setenv("GOMP_SPINCOUNT", "1000", 1);
    // By its real path, so that the process keeps its name. Returns only on failure; then the
    // default has to do.
    std::error_code error;
    const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
    execv(path.c_str(), argv);
  }
}

void ConfigureCompute(int threads) {
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  torch::set_num_threads(threads > 0 ? threads : cores);
  torch::set_num_interop_threads(1);
  // glibc gives large blocks back to the kernel at once and faults them in again for the next
  // forward pass; keeping them is worth up to half of the time (docs/performance.md).
  constexpr int kKeepBytes = 256 << 20;
  mallopt(M_MMAP_THRESHOLD, kKeepBytes);
  mallopt(M_TRIM_THRESHOLD, kKeepBytes);
  mallopt(M_TOP_PAD, 16 << 20);
}

void UseThreads(int threads) {
  torch::set_num_threads(threads);
}

void ReleaseUnusedMemory() {
  malloc_trim(0);
}

}  // namespace lingula
