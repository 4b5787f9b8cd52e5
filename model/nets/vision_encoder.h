// What every image encoder gives: features at strides 4, 8, 16 and 32.
#pragma once

#include <array>
#include <initializer_list>
#include <optional>

#include <torch/torch.h>

namespace lingula {

// Features f0..f3: [B, widths[i], S / 4 / 2^i, S / 4 / 2^i].
using Features = std::array<torch::Tensor, 4>;

// The arithmetic of a folded network.
struct FoldTypes {
  FoldTypes(torch::ScalarType all) : encoder(all), decoder(all) {}  // NOLINT: one is the usual case
  FoldTypes(torch::ScalarType of_encoder, torch::ScalarType of_decoder)
      : encoder(of_encoder), decoder(of_decoder) {}

  torch::ScalarType encoder;  // of the image encoder, and of what finds zones or prototypes by it
  torch::ScalarType decoder;  // of what makes the mask from them
};

// `features` in `type`; as they are without one.
Features ToType(const Features& features, const std::optional<torch::ScalarType>& type);
// Converts parameters and buffers, and freezes them: children named in `encoders` as the encoder,
// all others as the decoder.
void ConvertTo(const FoldTypes& types, std::initializer_list<const char*> encoders,
               torch::nn::Module& net);

class VisionEncoder : public torch::nn::Module {
 public:
  // image [B, 3, S, S], S a multiple of 32.
  virtual Features forward(const torch::Tensor& image) = 0;
  virtual std::array<int64_t, 4> widths() const = 0;
  // Prepares convolutions for inference in `type`; with `grey`, for images [B, 1, S, S] that stand
  // for three equal channels. Cannot be undone.
  virtual void Fold(torch::ScalarType type, bool grey) = 0;
};

}  // namespace lingula
