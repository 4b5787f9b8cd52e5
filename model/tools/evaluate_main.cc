// lingula-evaluate: how good a bundle is on labelled data.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>

#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "model/backend/load_engine.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/tools/evaluate.h"
#include "model/tools/program.h"
#include "model/train/progress.h"

namespace lingula {
namespace {

const std::map<std::string, GuidanceMode> kGuidance = {
    {"generated_report", GuidanceMode::kGeneratedReport},
    {"prototypes", GuidanceMode::kPrototypes},
    {"none", GuidanceMode::kWithheld},
    {"report", GuidanceMode::kReport}};
const std::map<std::string, Precision> kPrecision = {{"auto", Precision::kAuto},
                                                     {"float32", Precision::kFloat32},
                                                     {"bfloat16", Precision::kBfloat16},
                                                     {"float16", Precision::kFloat16}};

struct Arguments {
  std::string bundle, data, split, json, guidance, precision = "auto", choose;
  int resamples = 1000;
  uint64_t seed = 0;
};

void Declare(CLI::App& app, Arguments& a) {
  app.add_option("--bundle", a.bundle, "folder of the bundle")->required();
  app.add_option("--data", a.data, "data manifest (CSV)")->required();
  app.add_option("--split", a.split, "only rows of this split");
  app.add_option("--guidance", a.guidance, "what guides the masks; default: the family's own way")
      ->check(CLI::IsMember(kGuidance));
  app.add_option("--precision", a.precision, "arithmetic")->check(CLI::IsMember(kPrecision));
  app.add_option(
         "--choose-arithmetic", a.choose,
         "instead of scores: measure low precision on these images, note it in the bundle's "
         "manifest and card, and serve this one by default if masks stay the same")
      ->check(CLI::IsMember(ArithmeticNames()));
  app.add_option("--json", a.json, "also write the figures to this file");
  app.add_option("--resamples", a.resamples, "bootstrap draws")->check(CLI::Range(10, 100000));
  app.add_option("--seed", a.seed, "of the bootstrap");
}

nlohmann::json ToJson(const DataSetScores& s) {
  // NaN becomes null, which every JSON parser reads.
  return {{"n", s.images},
          {"dice", s.dice},
          {"dice_low", s.dice_low},
          {"dice_high", s.dice_high},
          {"dice_image_mean", s.dice_image_mean},
          {"dice_batch_mean", s.dice_batch_mean},
          {"jaccard", s.jaccard},
          {"accuracy", s.accuracy},
          {"zone_accuracy", s.zone_accuracy},
          {"zone_f1", s.zone_f1},
          {"expected_dice_mae", s.expected_dice_error}};
}

void PrintRow(const std::string& guidance, const DataSetScores& s) {
  std::cout << absl::StrFormat("%-18s %6d   %.4f  [%.4f, %.4f]   %.4f   %.4f   %.4f   %.4f\n",
                               guidance, s.images, s.dice, s.dice_low, s.dice_high, s.jaccard,
                               s.accuracy, s.zone_f1, s.expected_dice_error);
}

std::string NameOf(GuidanceMode mode) {
  return std::find_if(kGuidance.begin(), kGuidance.end(),
                      [mode](const auto& known) { return known.second == mode; })
      ->first;
}

absl::Status Main(Arguments a) {
  ConfigureCompute(0);
  LINGULA_ASSIGN_OR_RETURN(const auto rows, ReadDataManifest(a.data, a.split));
  if (!a.choose.empty()) {
    return MeasurePrecision(a.bundle, rows, ArithmeticNames().at(a.choose));
  }
  LINGULA_ASSIGN_OR_RETURN(const Bundle bundle, OpenBundle(a.bundle));
  EngineOptions options;
  options.precision = kPrecision.at(a.precision);
  LINGULA_ASSIGN_OR_RETURN(const auto engine, LoadEngine(bundle, options));
  a.guidance = a.guidance.empty() ? NameOf(OwnGuidance(*engine)) : a.guidance;
  if (!engine->Supports(kGuidance.at(a.guidance))) {
    return absl::FailedPreconditionError(
        absl::StrCat(bundle.manifest.name(), " cannot be guided by ", a.guidance));
  }
  const auto run = [&](const std::string& guidance) -> absl::StatusOr<DataSetScores> {
    Progress progress(guidance, static_cast<int64_t>(rows.size()));
    LINGULA_ASSIGN_OR_RETURN(const auto scores,
                             Evaluate(*engine, bundle.manifest, rows, kGuidance.at(guidance),
                                      [&](int64_t done) { progress.Advance(done); }));
    return ScoreDataSet(scores, a.resamples, a.seed);
  };
  std::vector<std::string> wanted = {a.guidance};
  if (a.guidance != "none") {
    wanted.emplace_back("none");  // what the guidance is worth
  }
  nlohmann::json json;
  std::cout << bundle.manifest.name() << "@" << bundle.manifest.version() << ", "
            << DescribeEngine(bundle.manifest, options) << ", " << a.data << "\n"
            << "guidance           images     Dice  95 % interval     Jaccard accuracy  zone F1  "
               "expected-Dice error\n";
  for (const std::string& guidance : wanted) {
    LINGULA_ASSIGN_OR_RETURN(const DataSetScores scores, run(guidance));
    PrintRow(guidance, scores);
    if (json.empty()) {
      json = ToJson(scores);
      json["guidance"] = guidance;
    } else {
      json["text_withheld"] = ToJson(scores);
    }
  }
  json["bundle"] = bundle.manifest.name() + "@" + bundle.manifest.version();
  json["weights_sha256"] = bundle.weights_sha256;
  return a.json.empty() ? absl::OkStatus() : WriteFile(a.json, json.dump(2) + "\n");
}

}  // namespace
}  // namespace lingula

int main(int argc, char** argv) {
  lingula::WaitBriefly(argv);
  lingula::Arguments arguments;
  CLI::App app("Measures a bundle on labelled data.", "lingula-evaluate");
  lingula::Declare(app, arguments);
  return lingula::RunProgram(app, argc, argv, [&] { return lingula::Main(arguments); });
}
