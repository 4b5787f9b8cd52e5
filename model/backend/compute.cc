#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>

#include <torch/torch.h>

#include "model/backend/load_engine.h"

namespace lingula {
namespace {

constexpr char kInstructions[] = "ONEDNN_MAX_CPU_ISA", kNoTiles[] = "AVX512_CORE_FP16";

// oneDNN may use all instructions but tiles (AMX): with those the sum of a product depends on how
// many rows it has, and so a mask on what else is in its batch. oneDNN reads this when it is first
// used, which may be before any function of ours, hence so early. Who has set the variable has
// chosen.
[[maybe_unused]] const int kKeptToVectors = setenv(kInstructions, kNoTiles, /*overwrite=*/0);

}  // namespace

void UseTiles() {
  const char* const chosen = std::getenv(kInstructions);
  if (chosen != nullptr && std::string(chosen) == kNoTiles) {
    unsetenv(kInstructions);
  }
}

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
