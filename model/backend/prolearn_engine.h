// ProLearn behind the Engine interface, on the processor.
#pragma once

#include "model/backend/torch_engine.h"
#include "model/nets/prolearn/prolearn.h"

namespace lingula {

class ProlearnEngine final : public TorchEngine {
 public:
  // `net` holds its weights and prototypes and has been folded where `form` says so.
  ProlearnEngine(Prolearn net, const InputSpec& spec, const NetForm& form)
      : TorchEngine(spec, form), net_(std::move(net)) {}

  bool Supports(GuidanceMode mode) const override {
    return mode == GuidanceMode::kPrototypes || mode == GuidanceMode::kWithheld;
  }

 private:
  torch::Tensor Run(const torch::Tensor& image, absl::Span<const Sample* const> samples,
                    absl::Span<Prediction> predictions) override;

  Prolearn net_;
};

}  // namespace lingula
