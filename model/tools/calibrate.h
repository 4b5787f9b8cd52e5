// Fits what a bundle says of its own trustworthiness, and writes it into the bundle.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/bundle/bundle.h"
#include "model/calibration/fit_dice_map.h"
#include "model/calibration/outliers.h"
#include "model/tools/examine.h"

namespace lingula {

struct CalibrateOptions {
  double coverage = 0.9;
  uint64_t seed = 0;
  std::string data, outside;  // names for the manifest
};

// Where expectations stand against the truth.
struct TrustFigures {
  int64_t masks = 0;
  double error_before = 0, rank_before = 0;  // of the bare soft Dice
  double error = 0, rank_correlation = 0;
  double coverage = 0, interval_width = 0;
};

struct CalibrationOutcome {
  bundle::v1::Calibration calibration;  // ready for a manifest
  FeatureCloud cloud;
  std::vector<MapCandidate> candidates;
  TrustFigures fitted, judged;  // on the half fitted on, by cross-validation, and on the other
  double outside_flagged = 0;   // share of the outside pictures
};

// Labelled images are halved by their groups; nothing of one half is in the other.
struct Halves {
  std::vector<const Examined*> fit, judge;
};
Halves Halve(const std::vector<Examined>& images, uint64_t seed);

// The threshold of those in examine.h with the best pooled Dice, the one next to 0.5 if several.
float BestThreshold(const std::vector<const Examined*>& images);

// `train`: images whose features tell what is usual; empty: those of the half fitted on. `outside`
// may be empty too.
// Errors   INVALID_ARGUMENT fewer than 50 labelled images or masks found, an image without a
//          reference mask, only empty reference masks, a figure that is not finite.
absl::StatusOr<CalibrationOutcome> FitCalibration(const Halves& halves,
                                                  const std::vector<Examined>& train,
                                                  const std::vector<Examined>& outside,
                                                  const CalibrateOptions& options);

// Whether the calibrated bundle may be written to <out>/<name>/<version>.
// Errors   ALREADY_EXISTS when something else is there; FAILED_PRECONDITION when that would be the
//          bundle's own folder and `in_place` is not set.
absl::Status CheckTarget(const Bundle& bundle, const std::string& out, bool in_place);

// Writes <out>/<name>/<version>: the files of `bundle` with the outcome in manifest and card.
// Errors   those of CheckTarget; INTERNAL when files cannot be copied.
absl::StatusOr<std::string> WriteCalibrated(const Bundle& bundle, const CalibrationOutcome& outcome,
                                            const std::string& out, bool in_place);

}  // namespace lingula
