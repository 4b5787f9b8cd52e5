// What the server asks of a network, in plain C++: neither Torch nor OpenCV types.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/base/zones.h"

namespace lingula {

// Arithmetic of a network.
enum class Precision {
  // what the manifest chooses (arithmetic) where the processor has instructions for it, else
  // float32
  kAuto,
  kFloat32,
  kBfloat16,  // FAILED_PRECONDITION where the processor has no instructions for it
  kFloat16,   // likewise
};

// What guides a mask.
enum class GuidanceMode {
  kGeneratedReport,  // a report the network writes from the image
  kPrototypes,       // prototypes it retrieves
  kReport,           // the caller's report
  kWithheld,         // nothing: for measuring what guidance is worth
};

// One preprocessed image and what is asked about it.
struct Sample {
  // [channels, side, side] in the axis order of the model's input spec, normalised.
  std::vector<float> pixels;
  GuidanceMode guidance = GuidanceMode::kGeneratedReport;
  ZoneBits report;        // kReport only: the zones that the caller's report names
  std::string free_text;  // kReport only: when not empty, the report instead of `report`
  // Ask for Prediction::second; only with the engine's own guidance.
  bool second_opinion = false;
};

// A prototype that answered a query.
struct RetrievedPrototype {
  int label = 0;         // pool: of six, Zone(label)
  int index = 0;         // inside the pool
  float similarity = 0;  // by the model's measure; for cosine in [-1, 1]
};

// The mask of the same sample under the guidance that came second.
struct SecondPrediction {
  std::vector<float> probabilities;  // as in Prediction, and so are the next three
  std::string report;
  std::vector<RetrievedPrototype> prototypes;
  float prototype_margin = 0;
};

// What the network says about one sample.
struct Prediction {
  std::vector<float> probabilities;        // [side, side], axis order of the input spec, in [0, 1]
  std::optional<ZoneProbabilities> zones;  // family sgseg
  GuidanceMode guidance = GuidanceMode::kGeneratedReport;  // what was used
  std::string report;             // the string that guided the mask, verbatim; may be empty
  bool report_truncated = false;  // the text tower did not see the end of a long free text
  std::vector<RetrievedPrototype> prototypes;  // family prolearn: most similar first
  float prototype_margin = 0;  // similarity of the last one less that of the best one left out
  // Means, then standard deviations over the image of the encoder's channels at strides 8 and 16:
  // by them a picture that is unlike the training data is known (model/calibration/outliers.h).
  std::vector<float> features;
  std::optional<SecondPrediction> second;  // where Sample::second_opinion asked for it
};

// A network on a device. Thread-safe: instances of a model run side by side on one engine.
class Engine {
 public:
  virtual ~Engine() = default;

  // Side of the square input and number of its channels: a sample has channels * side * side
  // values.
  virtual int side_px() const = 0;
  virtual int channels() const = 0;
  // True for the modes that Predict can follow.
  virtual bool Supports(GuidanceMode mode) const = 0;
  // True when Sample::free_text is understood.
  virtual bool ReadsFreeText() const { return false; }
  // True when Sample::second_opinion is understood: the engine guides itself and knows what it
  // would have been guided by next. With reports that is the second most likely set of zones
  // (SecondReport), with k prototypes those of ranks k + 1 to 2k.
  virtual bool GivesSecondOpinions() const { return false; }
  // Runs 1 or more samples as one batch. The answer holds one entry for each sample, in order; one
  // bad sample (wrong size, unsupported guidance: INVALID_ARGUMENT) does not fail its neighbours,
  // and an answer does not depend on what else was in the batch. Errors   INTERNAL when the network
  // failed; never throws.
  virtual std::vector<absl::StatusOr<Prediction>> Predict(
      absl::Span<const Sample* const> samples) = 0;
};

// How an engine guides a sample when nobody says how; kReport where it needs the caller's.
inline GuidanceMode OwnGuidance(const Engine& engine) {
  for (const GuidanceMode own : {GuidanceMode::kGeneratedReport, GuidanceMode::kPrototypes}) {
    if (engine.Supports(own)) {
      return own;
    }
  }
  return GuidanceMode::kReport;
}

}  // namespace lingula
