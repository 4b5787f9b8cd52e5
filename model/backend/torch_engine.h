// What all our networks share behind the Engine interface: taking samples in, keeping bad ones and
// exceptions away from their neighbours, giving probabilities out.
#pragma once

#include <vector>

#include <torch/torch.h>

#include "absl/status/statusor.h"
#include "model/engine/engine.h"
#include "model/image/preprocess.h"
#include "model/nets/vision_encoder.h"

namespace lingula {

// How a network is run.
struct NetForm {
  FoldTypes types = torch::kFloat32;
  bool folded = true;  // made fast, as against: as it was trained
};

class TorchEngine : public Engine {
 public:
  int side_px() const override { return spec_.side_px; }
  int channels() const override { return spec_.channels; }
  std::vector<absl::StatusOr<Prediction>> Predict(absl::Span<const Sample* const> samples) final;

 protected:
  TorchEngine(const InputSpec& spec, const NetForm& form) : spec_(spec), form_(form) {}

  struct MaskLogits {
    torch::Tensor masks;   // [n, 1, side, side]
    torch::Tensor second;  // [m, 1, side, side] of the m samples that ask for it; else undefined
  };

  // `image` [n, C, side, side] of the encoder's type, channels interleaved, C = 1 for folded
  // networks of grey pictures, else 3; samples have passed Check. Fills everything but
  // probabilities and guidance.
  virtual MaskLogits Run(const torch::Tensor& image, absl::Span<const Sample* const> samples,
                         absl::Span<Prediction> predictions) = 0;

  // What the guidance is given in.
  torch::ScalarType type() const { return form_.types.decoder; }

 private:
  std::vector<Prediction> RunAll(absl::Span<const Sample* const> samples);

  const InputSpec spec_;
  const NetForm form_;
};

// Places of the samples that ask for a second opinion.
std::vector<int64_t> AskingTwice(absl::Span<const Sample* const> samples);
// The maps of the samples at `places`, in the layout that they have.
Features SelectSamples(const Features& features, const std::vector<int64_t>& places);

// 1 for samples that are guided, 0 for those whose guidance is withheld: [n, 1, 1]; undefined when
// all are guided.
torch::Tensor GuidanceShares(absl::Span<const Sample* const> samples, torch::ScalarType type);

// Prediction::features [n, features] float32 from the encoder's maps at strides 8 and 16. The
// finest map says whether a picture was compressed, which is no reason for alarm, and the coarsest
// one has too many channels for a few hundred images to describe.
torch::Tensor PooledFeatures(const Features& features);
// Fills them in.
void NoteFeatures(const Features& features, absl::Span<Prediction> predictions);

}  // namespace lingula
