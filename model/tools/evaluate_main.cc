// lingula-evaluate: how good a bundle is on labelled data.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/backend/load_engine.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/calibration/calibration.h"
#include "model/tools/evaluate.h"
#include "model/tools/evaluation.h"
#include "model/tools/program.h"
#include "model/train/progress.h"

namespace lingula {
namespace {

// The same report for every image: what a network makes of text that says nothing of the image.
constexpr char kConstant[] = "constant";
const std::map<std::string, GuidanceMode> kGuidance = {
    {"generated_report", GuidanceMode::kGeneratedReport},
    {"prototypes", GuidanceMode::kPrototypes},
    {"none", GuidanceMode::kWithheld},
    {"report", GuidanceMode::kReport},
    {kConstant, GuidanceMode::kReport}};

std::string FileStem(const std::string& path) {
  return std::filesystem::path(path).stem().string();
}

const std::map<std::string, Precision> kPrecision = {{"auto", Precision::kAuto},
                                                     {"float32", Precision::kFloat32},
                                                     {"bfloat16", Precision::kBfloat16},
                                                     {"float16", Precision::kFloat16}};

struct Arguments {
  std::string bundle, data, split, json, table, report, outside, precision = "auto", choose;
  std::vector<std::string> guidance;
  bool second_opinion = false;
  int resamples = 1000;
  uint64_t seed = 0;
};

void Declare(CLI::App& app, Arguments& a) {
  app.add_option("--bundle", a.bundle, "folder of the bundle")->required();
  app.add_option("--data", a.data, "data manifest (CSV)")->required();
  app.add_option("--split", a.split, "only rows of this split");
  app.add_option("--guidance", a.guidance,
                 "what guides the masks, one or several with commas; constant: the same report for "
                 "all; default: the family's own way, and none")
      ->delimiter(',')
      ->check(CLI::IsMember(kGuidance));
  app.add_option("--precision", a.precision, "arithmetic")->check(CLI::IsMember(kPrecision));
  app.add_option(
         "--choose-arithmetic", a.choose,
         "instead of scores: measure low precision on these images, note it in the bundle's "
         "manifest and card, and serve this one by default if masks stay the same")
      ->check(CLI::IsMember(ArithmeticNames()));
  app.add_option("--outside", a.outside,
                 "data manifest of pictures unlike the training data; masks are not needed");
  app.add_flag("--second-opinion", a.second_opinion,
               "with the network's own guidance: also compare with the mask that the next guidance "
               "gives");
  app.add_option("--json", a.json, "also write the figures to this file");
  app.add_option("--table", a.table, "also write a CSV table with a row an image and guidance");
  app.add_option("--report", a.report, "also write a page (FILE.md) with charts beside it");
  app.add_option("--resamples", a.resamples, "bootstrap draws")->check(CLI::Range(10, 100000));
  app.add_option("--seed", a.seed, "of the bootstrap");
}

void PrintRow(const std::string& guidance, const DataSetScores& s) {
  std::cout << absl::StrFormat(
      "%-18s %6d   %.4f  [%.4f, %.4f]   %.4f   %.4f   %6.1f   %.4f   %.4f   %.3f\n", guidance,
      s.images, s.dice, s.dice_low, s.dice_high, s.jaccard, s.accuracy, s.hd95_mean, s.zone_f1,
      s.expected_dice_error, s.expected_dice_rank);
}

std::string NameOf(GuidanceMode mode) {
  return std::find_if(
             kGuidance.begin(), kGuidance.end(),
             [mode](const auto& known) { return known.second == mode && known.first != kConstant; })
      ->first;
}

// What to measure: what was asked for, else the network's own way; with one alone, also none, which
// shows what the guidance is worth.
absl::StatusOr<std::vector<std::string>> Wanted(const Arguments& a, const Engine& engine,
                                                const std::string& bundle) {
  std::vector<std::string> wanted = a.guidance;
  if (wanted.empty()) {
    wanted.push_back(NameOf(OwnGuidance(engine)));
  }
  if (wanted.size() == 1 && wanted.front() != "none") {
    wanted.emplace_back("none");
  }
  for (const std::string& guidance : wanted) {
    if (!engine.Supports(kGuidance.at(guidance))) {
      return absl::FailedPreconditionError(absl::StrCat(bundle, " cannot be guided by ", guidance));
    }
  }
  return wanted;
}

absl::StatusOr<std::vector<Examined>> Run(Engine& engine, const bundle::v1::Manifest& manifest,
                                          const std::vector<DataRow>& rows,
                                          const std::string& guidance,
                                          const Calibration* calibration, bool second_opinion) {
  ExamineOptions options;
  options.guidance = kGuidance.at(guidance);
  options.same_report = guidance == kConstant;
  options.calibration = calibration;
  options.second_opinion = second_opinion && options.guidance == OwnGuidance(engine);
  Progress progress(guidance, static_cast<int64_t>(rows.size()));
  return Examine(engine, manifest, rows, options, [&](int64_t done) { progress.Advance(done); });
}

absl::Status Measure(const Arguments& a, const Bundle& bundle, Engine& engine,
                     const std::vector<DataRow>& rows, Evaluation& evaluation) {
  LINGULA_ASSIGN_OR_RETURN(const auto wanted, Wanted(a, engine, evaluation.bundle));
  LINGULA_ASSIGN_OR_RETURN(const auto calibration, Calibration::Load(bundle));
  const Calibration* const known = calibration.has_value() ? &*calibration : nullptr;
  std::cout << evaluation.bundle << ", " << evaluation.engine << ", " << a.data << "\n"
            << "guidance           images     Dice  95 % interval     Jaccard accuracy  HD95 px  "
               "zone F1  expected-Dice error, rank correlation\n";
  for (const std::string& guidance : wanted) {
    GuidedScores run;
    run.guidance = guidance;
    LINGULA_ASSIGN_OR_RETURN(run.images,
                             Run(engine, bundle.manifest, rows, guidance, known, a.second_opinion));
    std::vector<ImageScore> scores;
    for (const Examined& image : run.images) {
      scores.push_back(image.score);
    }
    run.scores = ScoreDataSet(scores, a.resamples, a.seed);
    run.subgroups = ScoreSubgroups(scores, a.resamples, a.seed);
    run.quality = MeasureQuality(run.images, a.resamples, a.seed);
    PrintRow(guidance, run.scores);
    evaluation.runs.push_back(std::move(run));
  }
  if (a.outside.empty()) {
    return absl::OkStatus();
  }
  LINGULA_ASSIGN_OR_RETURN(const auto outside, ReadDataManifest(a.outside, "", Masks::kOptional));
  LINGULA_ASSIGN_OR_RETURN(const auto images, Run(engine, bundle.manifest, outside,
                                                  NameOf(OwnGuidance(engine)), known, false));
  LINGULA_RETURN_IF_ERROR(ScoreOutside(FileStem(a.outside), images, evaluation));
  const OutsideScores& scores = evaluation.outside.front();
  std::cout << absl::StrFormat(
      "outside: AUROC %.4f over %d pictures; flagged %.3f, of the data %.3f\n", scores.auroc,
      scores.outside.size(), scores.outside_flagged, scores.inside_flagged);
  return absl::OkStatus();
}

absl::Status Main(const Arguments& a) {
  ConfigureCompute(0);
  LINGULA_ASSIGN_OR_RETURN(const auto rows, ReadDataManifest(a.data, a.split));
  if (!a.choose.empty()) {
    return MeasurePrecision(a.bundle, rows, ArithmeticNames().at(a.choose));
  }
  LINGULA_ASSIGN_OR_RETURN(const Bundle bundle, OpenBundle(a.bundle));
  EngineOptions options;
  options.precision = kPrecision.at(a.precision);
  LINGULA_ASSIGN_OR_RETURN(const auto engine, LoadEngine(bundle, options));
  Evaluation evaluation;
  evaluation.bundle = bundle.manifest.name() + "@" + bundle.manifest.version();
  evaluation.weights_sha256 = bundle.weights_sha256;
  evaluation.engine = DescribeEngine(bundle.manifest, options);
  evaluation.data = FileStem(a.data);
  evaluation.calibrated_on = bundle.manifest.calibration().data();
  if (a.second_opinion && !engine->GivesSecondOpinions()) {
    return absl::FailedPreconditionError(
        absl::StrCat(evaluation.bundle, " gives no second opinions: leave --second-opinion out"));
  }
  LINGULA_RETURN_IF_ERROR(Measure(a, bundle, *engine, rows, evaluation));
  if (const std::string caution = Caution(evaluation); !caution.empty()) {
    std::cout << "note: " << caution << "\n";
  }
  if (!a.json.empty()) {
    LINGULA_RETURN_IF_ERROR(WriteFile(a.json, ToJson(evaluation).dump(2) + "\n"));
  }
  if (!a.table.empty()) {
    LINGULA_RETURN_IF_ERROR(WriteFile(a.table, ToCsv(evaluation)));
  }
  return a.report.empty() ? absl::OkStatus() : WritePage(evaluation, a.report);
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
