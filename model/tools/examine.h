// Runs a bundle over pictures through the same path that the server uses, and keeps what can be
// said of each. Evaluation and calibration read this table, so that they cannot disagree.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lingula/bundle/v1/manifest.pb.h"
#include "model/calibration/trust.h"
#include "model/calibration/trust_terms.h"
#include "model/engine/engine.h"
#include "model/eval/scores.h"
#include "model/image/preprocess.h"
#include "model/train/data_manifest.h"

namespace lingula {

// Thresholds at which overlap is counted when asked for: 0.05, 0.1, ..., 0.95.
inline constexpr int kThresholds = 19;
float ThresholdAt(int i);

struct Examined {
  std::string image;
  ImageScore score;        // without a reference mask: counts are 0 and HD95 is NaN
  bool has_mask = false;   // a reference
  double share_found = 0;  // of the picture, in the mask found
  TrustTerms terms{};      // 0 when the mask found is empty
  double max_probability = 0;
  std::optional<double> presence, agreement;  // as in Trust, and so is the next
  bool conflict = false;                      // of mask and guidance, the flag
  std::optional<double> second_dice;          // of the mask and its second opinion
  std::vector<float> features;
  std::optional<Outlyingness> outlyingness;
  std::array<OverlapCounts, kThresholds> at{};
};

struct ExamineOptions {
  GuidanceMode guidance = GuidanceMode::kGeneratedReport;
  bool same_report = false;     // kReport: the same for every picture, one that names all six zones
  bool distances = true;        // fill HD95, the costliest figure
  bool thresholds = false;      // fill Examined::at
  bool second_opinion = false;  // fill Examined::second_dice; only with the network's own guidance
  const Calibration* calibration = nullptr;  // the bundle's, applied as the server does
};

// One entry a row, in order. kReport takes each row's own zones as the caller's report. A mask of
// another size than its image decides the size compared at; without a mask it is the network's.
// Errors   INVALID_ARGUMENT naming the row's file that cannot be read, or that lacks zones.
absl::StatusOr<std::vector<Examined>> Examine(Engine& engine, const bundle::v1::Manifest& manifest,
                                              const std::vector<DataRow>& rows,
                                              const ExamineOptions& options,
                                              const std::function<void(int64_t)>& progress);

// Calls `visit(first row, samples)` for batches of rows. The samples live for the call.
using VisitBatch = std::function<absl::Status(size_t, absl::Span<const Sample* const>)>;
absl::Status ForBatches(const std::vector<DataRow>& rows, const InputSpec& spec,
                        const ExamineOptions& options, const std::function<void(int64_t)>& progress,
                        const VisitBatch& visit);

}  // namespace lingula
