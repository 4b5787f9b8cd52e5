// lingula-calibrate: fits expected Dice, its interval and the distance from the training data.
#include <algorithm>
#include <filesystem>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/backend/load_engine.h"
#include "model/base/status_macros.h"
#include "model/tools/calibrate.h"
#include "model/tools/calibrate_flags.h"
#include "model/tools/program.h"
#include "model/train/progress.h"

namespace lingula {
namespace {

struct Arguments {
  std::string presence, bundle, data, split, train, outside, out;
  CalibrateOptions options;
  bool in_place = false, again = false, choose_threshold = false, resume = false;
};

void Declare(CLI::App& app, Arguments& a) {
  app.add_option("--bundle", a.bundle, "folder of the bundle")->required();
  app.add_option("--data", a.data, "data manifest (CSV) of labelled images, not trained on")
      ->required();
  app.add_option("--split", a.split, "only rows of this split");
  app.add_option("--out", a.out, "model repository for the calibrated bundle: DIR/NAME/VERSION")
      ->required();
  app.add_option("--train", a.train,
                 "data manifest whose images say what is usual; default: half of --data");
  app.add_option("--outside", a.outside,
                 "data manifest of pictures unlike the training data, to judge by");
  app.add_option("--presence", a.presence,
                 "data manifest of images with and without anything to find (empty masks), for the "
                 "probability of presence; default: it is left out");
  app.add_option("--coverage", a.options.coverage,
                 "share of images whose Dice the interval is to hold")
      ->check(CLI::Range(0.5, 0.99));
  app.add_option("--seed", a.options.seed, "decides halves and folds");
  app.add_flag("--choose-threshold", a.choose_threshold,
               "first choose the threshold with the best pooled Dice on the half fitted on");
  app.add_flag("--in-place", a.in_place, "change the bundle itself, where --out leads to it");
  app.add_flag("--again", a.again, "replace a calibration that is there");
  app.add_flag("--resume", a.resume, "accepted as by the other tools; a run takes seconds");
}

absl::StatusOr<std::vector<Examined>> Look(const std::string& what, Engine& engine,
                                           const bundle::v1::Manifest& manifest,
                                           const std::vector<DataRow>& rows, bool thresholds) {
  ExamineOptions options;
  options.guidance = OwnGuidance(engine);
  options.distances = false;
  options.thresholds = thresholds;
  Progress progress(what, static_cast<int64_t>(rows.size()));
  return Examine(engine, manifest, rows, options, [&](int64_t done) { progress.Advance(done); });
}

absl::StatusOr<std::vector<Examined>> LookAtPictures(const std::string& csv, Engine& engine,
                                                     const bundle::v1::Manifest& manifest) {
  if (csv.empty()) {
    return std::vector<Examined>();
  }
  LINGULA_ASSIGN_OR_RETURN(auto rows, ReadDataManifest(csv, "", Masks::kOptional));
  for (DataRow& row : rows) {
    row.mask.clear();  // only the pictures count
  }
  return Look(std::filesystem::path(csv).stem().string(), engine, manifest, rows, false);
}

// Scores in the manifest were measured with the old threshold: what the judged half says takes
// their place.
void ChangeThreshold(const Halves& halves, const Arguments& a, Engine& engine,
                     bundle::v1::Manifest& manifest) {
  const float threshold = BestThreshold(halves.fit);
  std::cout << absl::StrFormat("threshold: %.2f in place of %.2f\n", threshold,
                               manifest.threshold());
  if (threshold == manifest.threshold()) {
    return;
  }
  manifest.set_threshold(threshold);
  manifest.clear_scores();
  OverlapCounts pooled;
  for (const Examined* image : halves.judge) {
    for (int i = 0; i < kThresholds; ++i) {
      if (ThresholdAt(i) == threshold) {
        pooled += image->at[i];
      }
    }
  }
  bundle::v1::Score& score = *manifest.add_scores();
  score.set_metric("dice");
  score.set_value(pooled.Dice());
  score.set_data(a.options.data + ", half of it");
  score.set_guidance(OwnGuidance(engine) == GuidanceMode::kPrototypes ? "prototypes"
                                                                      : "generated report");
  score.set_images(static_cast<uint32_t>(halves.judge.size()));
}

void Print(const char* half, const TrustFigures& figures) {
  std::cout << absl::StrFormat(
      "%-8s %6d   %.4f -> %.4f          %.3f -> %.3f         %.3f     %.3f\n", half, figures.masks,
      figures.error_before, figures.error, figures.rank_before, figures.rank_correlation,
      figures.coverage, figures.interval_width);
}

void Print(const CalibrationOutcome& outcome) {
  std::cout << "tried, by cross-validation:  error  rank correlation\n";
  for (const MapCandidate& candidate : outcome.candidates) {
    std::cout << absl::StrFormat("  %-24s  %.4f  %.3f%s\n", candidate.name, candidate.error,
                                 candidate.rank_correlation, candidate.chosen ? "  chosen" : "");
  }
  std::cout
      << "half      masks   expected-Dice error       rank correlation        coverage  width\n";
  Print("fitted", outcome.fitted);
  Print("judged", outcome.judged);
  const bundle::v1::Outliers& outliers = outcome.calibration.outliers();
  std::cout << absl::StrFormat("outliers: %.3f of the judged half is beyond the threshold %.3f",
                               outliers.false_alarms(), outliers.threshold());
  if (outliers.outside_images() > 0) {
    std::cout << absl::StrFormat("; of %d outside pictures %.3f, AUROC %.4f",
                                 outliers.outside_images(), outcome.outside_flagged,
                                 outliers.auroc());
  }
  std::cout << "\n";
  if (outcome.calibration.has_conflict()) {
    const bundle::v1::Conflict& c = outcome.calibration.conflict();
    std::cout << absl::StrFormat(
        "conflict: agreement below %.3f; of %d bad masks of the judged half %.3f, of %d good ones "
        "%.3f\n",
        c.below(), c.bad(), c.bad_flagged(), c.good(), c.good_flagged());
  }
  if (outcome.calibration.has_presence()) {
    const bundle::v1::Presence& p = outcome.calibration.presence();
    std::cout << absl::StrFormat(
        "presence: %d images with, %d without; AUROC %.4f; Brier score %.4f, of the share alone "
        "%.4f\n",
        p.positives(), p.negatives(), p.auroc(), p.brier(), p.brier_before());
  }
}

absl::Status Main(Arguments a) {
  ConfigureCompute(0);
  a.options.data = std::filesystem::path(a.data).stem().string();
  a.options.outside = std::filesystem::path(a.outside).stem().string();
  LINGULA_ASSIGN_OR_RETURN(const auto rows, ReadDataManifest(a.data, a.split));
  LINGULA_ASSIGN_OR_RETURN(Bundle bundle, OpenBundle(a.bundle));
  if (bundle.manifest.has_calibration() && !a.again) {
    return absl::FailedPreconditionError(absl::StrCat(a.bundle, ": is calibrated already, on ",
                                                      bundle.manifest.calibration().data(),
                                                      "; --again does it anew"));
  }
  LINGULA_RETURN_IF_ERROR(CheckTarget(bundle, a.out, a.in_place));
  LINGULA_ASSIGN_OR_RETURN(const auto engine, LoadEngine(bundle, EngineOptions()));
  const auto look = [&](const char* what) {
    return Look(what, *engine, bundle.manifest, rows, a.choose_threshold);
  };
  LINGULA_ASSIGN_OR_RETURN(std::vector<Examined> images, look("labelled images"));
  if (a.choose_threshold) {
    ChangeThreshold(Halve(images, a.options.seed), a, *engine, bundle.manifest);
    LINGULA_ASSIGN_OR_RETURN(images, look("with the threshold"));
  }
  LINGULA_ASSIGN_OR_RETURN(const auto train, LookAtPictures(a.train, *engine, bundle.manifest));
  LINGULA_ASSIGN_OR_RETURN(const auto outside, LookAtPictures(a.outside, *engine, bundle.manifest));
  const Halves halves = Halve(images, a.options.seed);
  LINGULA_ASSIGN_OR_RETURN(CalibrationOutcome outcome,
                           FitCalibration(halves, train, outside, a.options));
  FitConflict(halves, outcome.calibration);
  if (!a.presence.empty()) {
    LINGULA_ASSIGN_OR_RETURN(const auto presence_rows, ReadDataManifest(a.presence, ""));
    LINGULA_ASSIGN_OR_RETURN(const auto frames,
                             Look("presence", *engine, bundle.manifest, presence_rows, false));
    LINGULA_RETURN_IF_ERROR(FitPresenceOn(frames, std::filesystem::path(a.presence).stem().string(),
                                          a.options.seed, outcome.calibration));
  }
  Print(outcome);
  LINGULA_ASSIGN_OR_RETURN(const std::string folder,
                           WriteCalibrated(bundle, outcome, a.out, a.in_place));
  std::cout << "written: " << folder << "\n";
  return OpenBundle(folder).status();
}

}  // namespace
}  // namespace lingula

int main(int argc, char** argv) {
  lingula::WaitBriefly(argv);
  lingula::Arguments arguments;
  CLI::App app("Fits what a bundle says of its own trustworthiness.", "lingula-calibrate");
  lingula::Declare(app, arguments);
  return lingula::RunProgram(app, argc, argv, [&] { return lingula::Main(arguments); });
}
