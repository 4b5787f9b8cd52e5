// Runs a fuzz target without libFuzzer: the same inputs every time, any compiler.
//
//   fuzz_NAME             1,000 inputs
//   fuzz_NAME COUNT       COUNT inputs
//   fuzz_NAME COUNT FROM  inputs FROM to FROM + COUNT - 1; "1 FROM" runs a bad one again
//   fuzz_NAME FILE        one file, for example libFuzzer's crash-...
//   fuzz_NAME FOLDER      each file in it: a corpus
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "absl/strings/numbers.h"
#include "model/base/file.h"
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/target.h"

// There in sanitized builds only.
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace lingula::fuzz {
namespace {

constexpr unsigned kMaxSecondsPerInput = 120;

volatile uint64_t current = 0;
std::string named;  // the file, with the end of its line, where inputs are files

// May run in a signal handler.
void SayWhere() {
  if (!named.empty()) {
    const ssize_t written = write(STDERR_FILENO, named.data(), named.size());
    static_cast<void>(written);
    return;
  }
  char digits[24];
  int at = sizeof(digits);
  digits[--at] = '\n';
  for (uint64_t rest = current, first = 1; rest > 0 || first != 0; rest /= 10, first = 0) {
    digits[--at] = static_cast<char>('0' + rest % 10);
  }
  constexpr absl::string_view kText = "fuzz: it was input ";
  ssize_t written = write(STDERR_FILENO, kText.data(), kText.size());
  written += write(STDERR_FILENO, digits + at, sizeof(digits) - at);
  static_cast<void>(written);
}

void OnSignal(int signal) {
  SayWhere();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void Watch() {
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(SayWhere);
  }
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM}) {
    std::signal(signal, OnSignal);
  }
}

bool RunOne(const std::string& input) {
  alarm(kMaxSecondsPerInput);
  // An exact copy on the heap, so that a sanitizer sees one byte too far.
  const std::vector<char> bytes(input.begin(), input.end());
  const bool accepted = Accepts(absl::string_view(bytes.data(), bytes.size()));
  alarm(0);
  return accepted;
}

int Run(uint64_t count, uint64_t from) {
  Watch();
  const std::vector<std::string> seeds = Seeds();
  // Otherwise all that follows would test one refusal.
  Require(RunOne(seeds[0]), "the first seed is accepted");
  uint64_t accepted = 0;
  for (current = from; current < from + count; current = current + 1) {
    accepted += RunOne(Input(seeds, current)) ? 1 : 0;
  }
  std::printf("%llu inputs from %zu seeds, %llu accepted\n", static_cast<unsigned long long>(count),
              seeds.size(), static_cast<unsigned long long>(accepted));
  return 0;
}

int RunFile(const std::string& path) {
  const auto file = ReadFile(path);
  if (!file.ok()) {
    std::fprintf(stderr, "%s\n", file.status().ToString().c_str());
    return 2;
  }
  std::printf("%s\n", RunOne(*file) ? "accepted" : "refused");
  return 0;
}

int RunFolder(const std::string& path) {
  Watch();
  int files = 0, accepted = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    const auto file = ReadFile(entry.path());
    if (file.ok()) {
      named = entry.path().native() + '\n';
      ++files;
      accepted += RunOne(*file) ? 1 : 0;
    }
  }
  std::printf("%d files, %d accepted\n", files, accepted);
  return files > 0 ? 0 : 2;
}

int Main(int argc, char** argv) {
  uint64_t count = 1000, from = 0;
  if (argc == 2 && !absl::SimpleAtoi(argv[1], &count)) {
    return std::filesystem::is_directory(argv[1]) ? RunFolder(argv[1]) : RunFile(argv[1]);
  }
  if (argc > 3 ||
      (argc == 3 && (!absl::SimpleAtoi(argv[1], &count) || !absl::SimpleAtoi(argv[2], &from)))) {
    std::fprintf(stderr, "usage: %s [COUNT [FROM] | FILE | FOLDER]\n", argv[0]);
    return 2;
  }
  return Run(count, from);
}

}  // namespace
}  // namespace lingula::fuzz

int main(int argc, char** argv) {
  return lingula::fuzz::Main(argc, argv);
}
