#include "tests/bench/usage.h"

#include <sys/resource.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace lingula::bench {
namespace {

double SecondsOf(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

double OwnCpuSeconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return SecondsOf(used.ru_utime) + SecondsOf(used.ru_stime);
}

double SecondsSinceBoot() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

OwnShare::OwnShare() : cpu_s_(OwnCpuSeconds()), wall_s_(SecondsSinceBoot()) {}

double OwnShare::Share() const {
  const double all_s =
      (SecondsSinceBoot() - wall_s_) * std::max(1U, std::thread::hardware_concurrency());
  return all_s > 0 ? (OwnCpuSeconds() - cpu_s_) / all_s : 0;
}

absl::StatusOr<Memory> MemoryOf(pid_t pid) {
  const std::string path = absl::StrCat("/proc/", pid, "/status");
  std::ifstream status(path);
  Memory memory;
  for (std::string line; std::getline(status, line);) {
    // For example "VmRSS:     123456 kB", where kB means 1024 bytes.
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar("\t :"), absl::SkipEmpty());
    double kib = 0;
    if (words.size() == 3 && absl::SimpleAtod(words[1], &kib)) {
      if (words[0] == "VmRSS") {
        memory.resident_mb = kib * 1024 / 1e6;
      } else if (words[0] == "VmHWM") {
        memory.peak_mb = kib * 1024 / 1e6;
      }
    }
  }
  if (memory.resident_mb <= 0) {
    return absl::InternalError(absl::StrCat(path, ": has no VmRSS"));
  }
  return memory;
}

}  // namespace lingula::bench
