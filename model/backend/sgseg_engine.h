// SGSeg and LanGuideMedSeg behind the Engine interface, on the processor.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "model/backend/text_tower.h"
#include "model/backend/torch_engine.h"
#include "model/bundle/bundle.h"
#include "model/nets/sgseg/sgseg.h"

namespace lingula {

struct LoadedSgseg {
  Sgseg net;
  torch::Tensor table;  // [64, report_tokens, report_dim] float32
};

// The network of a bundle of family sgseg or languide with its weights, as it was trained, and its
// reports. Errors   INVALID_ARGUMENT as LoadEngine.
absl::StatusOr<LoadedSgseg> LoadSgseg(const Bundle& bundle);

// The text tower is not needed to serve reports: their keys and values for the three guide layers
// are computed once, for all 64.
class SgsegEngine final : public TorchEngine {
 public:
  // `net` holds its weights and has been folded where `form` says so; `table` [64,
  // report_tokens, report_dim] float32; `tower` of the form's type, for free text.
  SgsegEngine(Sgseg net, const torch::Tensor& table, std::optional<TextTower> tower,
              const InputSpec& spec, const NetForm& form);

  bool Supports(GuidanceMode mode) const override {
    return mode == GuidanceMode::kReport || mode == GuidanceMode::kWithheld ||
           (mode == GuidanceMode::kGeneratedReport && writes_reports_);
  }
  bool ReadsFreeText() const override { return tower_.has_value(); }
  bool GivesSecondOpinions() const override { return writes_reports_; }

 private:
  MaskLogits Run(const torch::Tensor& image, absl::Span<const Sample* const> samples,
                 absl::Span<Prediction> predictions) override;
  // Keys and values of each sample's report; notes in `predictions` what was used.
  ReportKeysValues Texts(absl::Span<const Sample* const> samples,
                         absl::Span<Prediction> predictions);
  // The same of the second most likely reports of the samples at `places`.
  ReportKeysValues SecondTexts(const std::vector<int64_t>& places,
                               absl::Span<Prediction> predictions) const;

  const bool writes_reports_;
  Sgseg net_;
  ReportKeysValues reports_;
  std::optional<TextTower> tower_;
};

}  // namespace lingula
