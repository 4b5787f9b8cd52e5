// SGSeg behind the Engine interface, on the processor.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "model/backend/load_engine.h"
#include "model/engine/engine.h"
#include "model/nets/sgseg.h"

namespace lingula {

// The text tower is not here: the reports' keys and values for the three guide layers are computed
// once, for all 64 reports.
class SgsegEngine final : public Engine {
 public:
  // `net` holds its weights, unfolded; `table` [64, report_tokens, report_dim] float32.
  SgsegEngine(Sgseg net, const torch::Tensor& table, const InputSpec& spec, bool bf16);

  int side_px() const override { return spec_.side_px; }
  int channels() const override { return spec_.channels; }
  bool Supports(GuidanceMode mode) const override { return mode != GuidanceMode::kPrototypes; }
  std::vector<absl::StatusOr<Prediction>> Predict(absl::Span<const Sample* const> samples) override;

 private:
  absl::Status Check(const Sample& sample) const;
  std::vector<Prediction> Run(absl::Span<const Sample* const> samples);

  const InputSpec spec_;
  const torch::ScalarType type_;
  Sgseg net_;
  ReportKeysValues reports_;
};

}  // namespace lingula
