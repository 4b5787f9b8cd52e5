#include "tests/bench/nets_memory.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "model/backend/load_engine.h"
#include "model/backend/network_options.h"
#include "model/backend/weights.h"
#include "model/backend/write_bundle.h"
#include "model/base/status_macros.h"
#include "model/parity/formula_fill.h"
#include "model/text/report_grammar.h"
#include "model/tools/import.h"
#include "tests/bench/child.h"

namespace lingula::bench {
namespace {

constexpr int kBatch = 8;
constexpr std::chrono::seconds kLimit{300};

absl::StatusOr<std::string> WriteSgseg(const std::string& repository) {
  torch::NoGradGuard no_grad;
  auto manifest = PublishedManifest(bundle::v1::FAMILY_SGSEG);
  manifest.set_name("bench-sgseg");
  manifest.set_license("none");
  manifest.set_notice("weights by formula");
  manifest.set_provenance("lingula-nets-bench");
  const std::string folder = BundleFolder(repository, manifest);
  std::error_code error;
  std::filesystem::create_directories(folder, error);  // a failure shows at the first write
  const Formula formula;
  {
    Sgseg net(SgsegOptionsFrom(manifest));
    formula.Fill(*net, "model.");
    TensorWriter weights;
    weights.AddState(*net, "");
    LINGULA_RETURN_IF_ERROR(weights.Write(absl::StrCat(folder, "/", kWeightsFile)));
  }
  TensorWriter reports;
  const auto& spec = manifest.sgseg();
  reports.Add("table",
              formula.Make("input.table", {1 << kZones, spec.report_tokens(), spec.report_dim()}));
  LINGULA_RETURN_IF_ERROR(reports.Write(absl::StrCat(folder, "/", kReportsFile)));
  manifest.mutable_sgseg()->clear_text_encoder();
  LINGULA_RETURN_IF_ERROR(WriteGolden(folder, manifest));
  LINGULA_RETURN_IF_ERROR(FinishBundle(folder, manifest));
  return folder;
}

absl::StatusOr<double> Resident() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kib = 0;
    if (word == "VmRSS:" && status >> kib) {
      return kib * 1024 / 1e6;
    }
  }
  return absl::InternalError("/proc/self/status: has no VmRSS");
}

absl::StatusOr<double> LoadAndRun(const std::string& folder) {
  std::unique_ptr<Engine> engine;
  Sample sample;
  {
    LINGULA_ASSIGN_OR_RETURN(const Bundle bundle, OpenBundle(folder));
    LINGULA_ASSIGN_OR_RETURN(engine, LoadEngine(bundle, EngineOptions()));
    LINGULA_ASSIGN_OR_RETURN(const auto samples, GoldenSamples(bundle));
    sample = samples.front();
  }
  for (const auto& answer : engine->Predict(std::vector<const Sample*>(kBatch, &sample))) {
    LINGULA_RETURN_IF_ERROR(answer.status());
  }
  return Resident();
}

absl::StatusOr<double> Measure(const std::string& folder) {
  LINGULA_ASSIGN_OR_RETURN(
      const auto child,
      Child::Start({absl::StrCat(OwnFolder(), "/lingula-nets-bench"), kMemoryFlag, folder}));
  LINGULA_ASSIGN_OR_RETURN(const std::string line, child->ReadLine(kLimit));
  double megabytes = 0;
  if (!absl::SimpleAtod(line, &megabytes)) {
    return absl::InternalError(absl::StrCat("no number of megabytes: ", line));
  }
  return megabytes;
}

}  // namespace

int RunMemory(const std::string& bundle) {
  ConfigureCompute(0);
  const auto megabytes = LoadAndRun(bundle);
  if (!megabytes.ok()) {
    std::cerr << "lingula-nets-bench: " << megabytes.status().message() << "\n";
    return 1;
  }
  std::cout << *megabytes << std::endl;
  return 0;
}

absl::StatusOr<double> SgsegResidentMegabytes() {
  std::string place =
      absl::StrCat(std::filesystem::temp_directory_path().string(), "/lingula-nets-XXXXXX");
  if (mkdtemp(place.data()) == nullptr) {
    return absl::InternalError(absl::StrCat(place, ": cannot be made"));
  }
  absl::StatusOr<double> megabytes = 0;
  if (const auto folder = WriteSgseg(place); folder.ok()) {
    megabytes = Measure(*folder);
  } else {
    megabytes = folder.status();
  }
  std::error_code error;
  std::filesystem::remove_all(place, error);
  return megabytes;
}

}  // namespace lingula::bench
