// ProLearn behind the Engine interface, on the processor.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "model/backend/torch_engine.h"
#include "model/bundle/bundle.h"
#include "model/nets/prolearn/prolearn.h"

namespace lingula {

// The network of a bundle of family prolearn with its weights and prototypes, as it was trained.
// Errors   INVALID_ARGUMENT as LoadEngine.
absl::StatusOr<Prolearn> LoadProlearn(const Bundle& bundle);

class ProlearnEngine final : public TorchEngine {
 public:
  // `net` holds its weights and prototypes and has been folded where `form` says so.
  ProlearnEngine(Prolearn net, const InputSpec& spec, const NetForm& form)
      : TorchEngine(spec, form), net_(std::move(net)) {}

  bool Supports(GuidanceMode mode) const override {
    return mode == GuidanceMode::kPrototypes || mode == GuidanceMode::kWithheld;
  }
  // Not with fewer than twice the prototypes that it retrieves.
  bool GivesSecondOpinions() const override {
    const ProlearnOptions& o = net_->options();
    return 2 * o.top_k <= o.labels * o.prototypes;
  }

 private:
  MaskLogits Run(const torch::Tensor& image, absl::Span<const Sample* const> samples,
                 absl::Span<Prediction> predictions) override;
  // Mask logits of the samples at `places`, guided by the next prototypes.
  torch::Tensor DecodeAgain(const Features& features, const Retrieval& first,
                            const std::vector<int64_t>& places, absl::Span<Prediction> predictions);

  Prolearn net_;
};

}  // namespace lingula
