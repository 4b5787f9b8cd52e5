// What libFuzzer calls.
#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "model/base/file.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lingula::fuzz::Accepts({reinterpret_cast<const char*>(data), size});
  return 0;
}

// Puts the seeds into the corpus folder, the first argument, before it is read.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  if (*argc < 2 || !std::filesystem::is_directory((*argv)[1])) {
    return 0;
  }
  int number = 0;
  for (const std::string& seed : lingula::fuzz::Seeds()) {
    const auto status = lingula::WriteFile(absl::StrCat((*argv)[1], "/seed-", number++), seed);
    if (!status.ok()) {
      std::fprintf(stderr, "%s\n", status.ToString().c_str());
      return 1;
    }
  }
  return 0;
}
