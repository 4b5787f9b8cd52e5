// lingula-parity: do our networks compute what the published ones do?
#include <unistd.h>

#include <iostream>

#include <CLI/CLI.hpp>

#include "absl/strings/str_format.h"
#include "model/backend/load_engine.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/parity/run.h"

namespace lingula {
namespace {

struct Arguments {
  std::string folder, json, vocabulary;
  std::vector<std::string> only;
  int threads = 0;
};

void Declare(CLI::App& app, Arguments& a) {
  app.add_option("DIR", a.folder, "folder of recorded outputs, with its tolerances.json")
      ->required();
  app.add_option("--json", a.json, "also write every figure to this file");
  app.add_option("--vocab", a.vocabulary,
                 "vocab.txt of the tokenizer (else in DIR or DIR/../data/text/cxr-bert-tokenizer)");
  app.add_option("--only", a.only, "check these files alone, such as convnext.safetensors");
  app.add_option("--threads", a.threads, "of one forward pass; 0: one for each core")
      ->check(CLI::Range(0, 1024));
}

// One line that changes in place; nothing where standard error is not a terminal.
void ShowProgress(absl::string_view file, int done, int total) {
  if (isatty(STDERR_FILENO) != 0) {
    absl::FPrintF(stderr, "\r\033[K[%d/%d] %s", done + 1, total, file);
  }
}

void EndProgress() {
  if (isatty(STDERR_FILENO) != 0) {
    absl::FPrintF(stderr, "\r\033[K");
  }
}

// Whether everything agrees.
absl::StatusOr<bool> Main(const Arguments& a) {
  ConfigureCompute(a.threads);
  LINGULA_ASSIGN_OR_RETURN(const auto folder, parity::GoldenFolder::Open(a.folder, a.vocabulary));
  const auto results = parity::RunChecks(folder, parity::Checks(), a.only, ShowProgress);
  EndProgress();
  std::cout << parity::Table(results);
  if (!a.json.empty()) {
    LINGULA_RETURN_IF_ERROR(WriteFile(a.json, parity::ToJson(results)));
  }
  return parity::AllOk(results);
}

}  // namespace
}  // namespace lingula

int main(int argc, char** argv) {
  lingula::WaitBriefly(argv);
  lingula::Arguments arguments;
  CLI::App app(
      "Compares our networks, filled by a formula, with recorded outputs of the published ones.\n"
      "Exit status: 0 all agree, 1 something differs or is missing, 2 wrong arguments.");
  lingula::Declare(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const absl::StatusOr<bool> agrees = lingula::Main(arguments);
  if (!agrees.ok()) {
    std::cerr << "lingula-parity: " << agrees.status().message() << "\n";
    return 1;
  }
  return *agrees ? 0 : 1;
}
