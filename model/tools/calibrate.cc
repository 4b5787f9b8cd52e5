#include "model/tools/calibrate.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/backend/write_bundle.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/calibration/calibration.h"
#include "model/eval/ranks.h"

namespace lingula {
namespace {

namespace fs = std::filesystem;
using ImageList = std::vector<const Examined*>;

constexpr size_t kFewestImages = 50;
constexpr int kQuantiles = 21;
constexpr int kFolds = 5;
// One picture in twenty of those like the training data is flagged by mistake.
constexpr double kOutlierQuantile = 0.95;

absl::Status Check(const ImageList& images) {
  size_t found = 0, there = 0;
  for (const Examined* image : images) {
    if (!image->has_mask) {
      return absl::InvalidArgumentError(
          absl::StrCat(image->image, ": has no reference mask; calibration needs one an image"));
    }
    const OverlapCounts& counts = image->score.counts;
    there += counts.true_positive + counts.false_negative > 0 ? 1 : 0;
    found += image->share_found > 0 ? 1 : 0;
    const auto finite = [](auto value) { return std::isfinite(value); };
    if (!std::all_of(image->terms.begin(), image->terms.end(), finite) ||
        !std::all_of(image->features.begin(), image->features.end(), finite)) {
      return absl::InvalidArgumentError(
          absl::StrCat(image->image, ": the network's answer is not finite"));
    }
  }
  if (images.size() < kFewestImages) {
    return absl::InvalidArgumentError(absl::StrCat("calibration needs at least ", kFewestImages,
                                                   " labelled images, got ", images.size()));
  }
  if (there == 0) {
    return absl::InvalidArgumentError(
        "every reference mask is empty: there is no Dice to calibrate by");
  }
  if (found < kFewestImages) {
    return absl::InvalidArgumentError(
        absl::StrCat("calibration needs at least ", kFewestImages,
                     " images in which the network finds something, got ", found));
  }
  return absl::OkStatus();
}

// Numbers for groups; an image without one is of its own.
std::vector<int> GroupNumbers(const ImageList& images) {
  std::map<std::string, int> number_of;
  std::vector<int> numbers;
  int next = 0;
  for (const Examined* image : images) {
    const std::string& group = image->score.group;
    const auto known = number_of.find(group);
    numbers.push_back(group.empty() || known == number_of.end() ? next++ : known->second);
    if (!group.empty()) {
      number_of.emplace(group, numbers.back());
    }
  }
  return numbers;
}

std::vector<JudgedMask> MasksOf(const ImageList& images) {
  const std::vector<int> groups = GroupNumbers(images);
  std::vector<JudgedMask> masks;
  for (size_t i = 0; i < images.size(); ++i) {
    if (images[i]->share_found > 0) {
      masks.push_back({images[i]->terms, images[i]->score.counts.Dice(), groups[i]});
    }
  }
  return masks;
}

TrustFigures FiguresOf(const std::vector<JudgedMask>& masks,
                       const std::vector<DiceMap::Expected>& expected) {
  TrustFigures figures;
  figures.masks = static_cast<int64_t>(masks.size());
  const auto count = static_cast<double>(masks.size());
  std::vector<double> soft, made, dice;
  for (size_t i = 0; i < masks.size(); ++i) {
    soft.push_back(masks[i].terms[static_cast<size_t>(TrustTerm::kSoftDice)]);
    made.push_back(expected[i].dice);
    dice.push_back(masks[i].dice);
    figures.error_before += std::abs(soft[i] - dice[i]) / count;
    figures.error += std::abs(made[i] - dice[i]) / count;
    figures.coverage += dice[i] >= expected[i].low && dice[i] <= expected[i].high ? 1 / count : 0;
    figures.interval_width += (expected[i].high - expected[i].low) / count;
  }
  figures.rank_before = RankCorrelation(soft, dice);
  figures.rank_correlation = RankCorrelation(made, dice);
  return figures;
}

absl::Status FitTrust(const Halves& halves, const CalibrateOptions& options,
                      CalibrationOutcome& outcome) {
  const std::vector<JudgedMask> masks = MasksOf(halves.fit), others = MasksOf(halves.judge);
  LINGULA_ASSIGN_OR_RETURN(FittedMap fitted, FitDiceMap(masks, options.coverage, options.seed));
  std::vector<DiceMap::Expected> cross_fitted, expected;
  for (const double dice : fitted.cross_fitted) {
    cross_fitted.push_back(fitted.map.Around(dice));
  }
  for (const JudgedMask& mask : others) {
    expected.push_back(fitted.map.Expect(mask.terms));
  }
  outcome.candidates = std::move(fitted.candidates);
  outcome.fitted = FiguresOf(masks, cross_fitted);
  outcome.judged = FiguresOf(others, expected);
  bundle::v1::Calibration& calibration = outcome.calibration;
  PutInto(fitted.map, calibration);
  calibration.set_coverage(options.coverage);
  calibration.set_data(options.data);
  calibration.set_fitted_images(static_cast<uint32_t>(masks.size()));
  calibration.set_judged_images(static_cast<uint32_t>(others.size()));
  calibration.set_error(outcome.judged.error);
  calibration.set_error_before(outcome.judged.error_before);
  calibration.set_rank_correlation(outcome.judged.rank_correlation);
  calibration.set_coverage_found(outcome.judged.coverage);
  calibration.set_interval_width(outcome.judged.interval_width);
  return absl::OkStatus();
}

std::vector<absl::Span<const float>> FeaturesOf(const ImageList& images) {
  std::vector<absl::Span<const float>> rows;
  for (const Examined* image : images) {
    rows.push_back(image->features);
  }
  return rows;
}

ImageList Pointers(const std::vector<Examined>& images) {
  ImageList pointers;
  for (const Examined& image : images) {
    pointers.push_back(&image);
  }
  return pointers;
}

std::vector<double> Distances(const FeatureCloud& cloud, const ImageList& images) {
  std::vector<double> distances;
  for (const Examined* image : images) {
    distances.push_back(cloud.Distance(image->features));
  }
  return distances;
}

// Distances of images from the others: a cloud is always nearer to the images it was fitted on.
absl::StatusOr<std::vector<double>> CrossDistances(const ImageList& images, uint64_t seed) {
  const std::vector<int> folds = SplitGroups(GroupNumbers(images), kFolds, seed);
  std::vector<double> distances;
  for (int fold = 0; fold < kFolds; ++fold) {
    ImageList inside, outside;
    for (size_t i = 0; i < images.size(); ++i) {
      (folds[i] == fold ? outside : inside).push_back(images[i]);
    }
    LINGULA_ASSIGN_OR_RETURN(const FeatureCloud cloud, FitCloud(FeaturesOf(inside)));
    const std::vector<double> some = Distances(cloud, outside);
    distances.insert(distances.end(), some.begin(), some.end());
  }
  return distances;
}

absl::Status FitOutliers(const Halves& halves, const std::vector<Examined>& train,
                         const std::vector<Examined>& outside, const CalibrateOptions& options,
                         CalibrationOutcome& outcome) {
  const ImageList usual = train.empty() ? halves.fit : Pointers(train);
  LINGULA_ASSIGN_OR_RETURN(outcome.cloud, FitCloud(FeaturesOf(usual)));
  std::vector<double> like;
  if (train.empty()) {
    LINGULA_ASSIGN_OR_RETURN(like, CrossDistances(halves.fit, options.seed));
  } else {
    like = Distances(outcome.cloud, halves.fit);
  }
  bundle::v1::Outliers& outliers = *outcome.calibration.mutable_outliers();
  for (int i = 0; i < kQuantiles; ++i) {
    outliers.add_quantiles(Quantile(like, i / static_cast<double>(kQuantiles - 1)));
  }
  outliers.set_threshold(Quantile(like, kOutlierQuantile));
  outliers.set_images(static_cast<uint32_t>(usual.size()));
  const auto beyond = [&](const std::vector<double>& distances) {
    return static_cast<double>(
               std::count_if(distances.begin(), distances.end(),
                             [&](double distance) { return distance > outliers.threshold(); })) /
           static_cast<double>(distances.size());
  };
  const std::vector<double> judged = Distances(outcome.cloud, halves.judge);
  outliers.set_false_alarms(beyond(judged));
  if (!outside.empty()) {
    const std::vector<double> far = Distances(outcome.cloud, Pointers(outside));
    outliers.set_outside(options.outside);
    outliers.set_outside_images(static_cast<uint32_t>(outside.size()));
    outliers.set_auroc(Auroc(far, judged));
    outcome.outside_flagged = beyond(far);
  }
  return absl::OkStatus();
}

absl::Status CopyFiles(const Bundle& bundle, const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  for (const bundle::v1::File& file : bundle.manifest.files()) {
    if (!error) {
      fs::copy_file(fs::path(bundle.folder) / file.name(), fs::path(folder) / file.name(), error);
    }
  }
  return error ? absl::InternalError(
                     absl::StrCat(folder, ": the bundle cannot be copied there: ", error.message()))
               : absl::OkStatus();
}

}  // namespace

Halves Halve(const std::vector<Examined>& images, uint64_t seed) {
  const ImageList all = Pointers(images);
  const std::vector<int> half = SplitGroups(GroupNumbers(all), 2, seed);
  Halves halves;
  for (size_t i = 0; i < all.size(); ++i) {
    (half[i] == 0 ? halves.fit : halves.judge).push_back(all[i]);
  }
  return halves;
}

float BestThreshold(const ImageList& images) {
  float best = 0.5F;
  double best_dice = -1;
  for (int i = 0; i < kThresholds; ++i) {
    OverlapCounts pooled;
    for (const Examined* image : images) {
      pooled += image->at[i];
    }
    const float threshold = ThresholdAt(i);
    const bool nearer = std::abs(threshold - 0.5F) < std::abs(best - 0.5F);
    if (pooled.Dice() > best_dice || (pooled.Dice() == best_dice && nearer)) {
      best_dice = pooled.Dice();
      best = threshold;
    }
  }
  return best;
}

absl::StatusOr<CalibrationOutcome> FitCalibration(const Halves& halves,
                                                  const std::vector<Examined>& train,
                                                  const std::vector<Examined>& outside,
                                                  const CalibrateOptions& options) {
  ImageList all = halves.fit;
  all.insert(all.end(), halves.judge.begin(), halves.judge.end());
  LINGULA_RETURN_IF_ERROR(Check(all));
  CalibrationOutcome outcome;
  LINGULA_RETURN_IF_ERROR(FitTrust(halves, options, outcome));
  LINGULA_RETURN_IF_ERROR(FitOutliers(halves, train, outside, options, outcome));
  return outcome;
}

absl::Status CheckTarget(const Bundle& bundle, const std::string& out, bool in_place) {
  const std::string folder = BundleFolder(out, bundle.manifest);
  std::error_code error;  // what is not there is equivalent to nothing
  const bool same = fs::equivalent(folder, bundle.folder, error);
  if (same && !in_place) {
    return absl::FailedPreconditionError(
        absl::StrCat(folder, " is the bundle itself; --in-place allows to change it"));
  }
  if (!same && fs::exists(folder, error)) {
    return absl::AlreadyExistsError(
        absl::StrCat(folder, " is there already; choose another --out or remove it"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> WriteCalibrated(const Bundle& bundle, const CalibrationOutcome& outcome,
                                            const std::string& out, bool in_place) {
  LINGULA_RETURN_IF_ERROR(CheckTarget(bundle, out, in_place));
  const std::string folder = BundleFolder(out, bundle.manifest);
  std::error_code error;
  if (!fs::exists(folder, error)) {
    LINGULA_RETURN_IF_ERROR(CopyFiles(bundle, folder));
  }
  LINGULA_RETURN_IF_ERROR(WriteCloud(outcome.cloud, folder));
  bundle::v1::Manifest manifest = bundle.manifest;
  *manifest.mutable_calibration() = outcome.calibration;
  LINGULA_RETURN_IF_ERROR(FinishBundle(folder, manifest));
  return folder;
}

}  // namespace lingula
