// SGSeg: a network that writes a report from the image and lets it guide the mask (Ye et al.,
// MICCAI 2024); without its locator LanGuideMedSeg, guided by the caller's report (Zhong et al.,
// MICCAI 2023). Built from sizes, so that the published networks and compact ones are the same
// classes.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <variant>

#include "model/nets/encoders.h"
#include "model/nets/guide_decoder.h"
#include "model/nets/location.h"
#include "model/nets/rtdetr/rtdetr_detector.h"
#include "model/nets/subpixel_head.h"

namespace lingula {

struct SgsegOptions {
  int64_t side = 224;  // of the input, a multiple of 32
  EncoderOptions encoder;
  std::array<int64_t, 4> decoder_widths{768, 384, 192, 96};  // at strides 32, 16, 8, 4
  std::array<int64_t, 3> text_tokens{24, 12, 9};
  int64_t cross_heads = 4;
  int64_t head_channels = 24;
  // What finds the zones: nothing (LanGuideMedSeg), the compact trunk, or the published detector.
  std::variant<std::monostate, LocationOptions, RtDetrOptions> locator;
  int64_t report_tokens = 24;
  int64_t report_dim = 768;
  double guide_scale = 0.01;
};

// Keys and values of the text for the three guide layers.
using ReportKeysValues = std::array<KeysValues, 3>;

class SgsegImpl : public torch::nn::Module {
 public:
  explicit SgsegImpl(const SgsegOptions& options);

  // image [B, 3, S, S], normalised.
  Features Encode(const torch::Tensor& image) { return encoder_->forward(image); }
  // Zone logits [B, 6] and, from the compact trunk, a coarse mask for training. The published
  // detector looks at the image, the compact trunk at its features.
  LocationTrunkImpl::Answer Locate(const torch::Tensor& image, const Features& features);
  // text [B or rows, report_tokens, report_dim].
  ReportKeysValues ProjectText(const torch::Tensor& text);
  // Mask logits [B, 1, S, S]; use_text as in GuideLayer.
  torch::Tensor Decode(const Features& features, const ReportKeysValues& text,
                       const torch::Tensor& use_text);

  // Prepares for inference: folds what is linear, packs convolutions, converts the rest. Encode
  // then takes images of types.encoder, with `grey` [B, 1, S, S]. Cannot be undone, and the state
  // dict changes.
  void Fold(const FoldTypes& types, bool grey);
  const SgsegOptions& options() const { return options_; }
  VisionEncoder& encoder() { return *encoder_; }
  // Null unless the locator is the published one.
  RtDetrDetectorImpl* rtdetr();
  // Stages at strides 16, 8, 4, and the head, for those who look inside.
  std::array<GuideDecoder, 3>& decoders() { return decoders_; }
  SubpixelHead& head() { return head_; }

 private:
  const SgsegOptions options_;
  std::shared_ptr<VisionEncoder> encoder_;
  std::array<GuideDecoder, 3> decoders_;
  SubpixelHead head_;
  std::variant<std::monostate, LocationTrunk, RtDetrDetector> detector_;
  Laterals laterals_;
  std::optional<torch::ScalarType> decoder_type_;  // once folded
};
TORCH_MODULE(Sgseg);

// Rows of projected text: row i of the answer is row rows[i] of the table.
ReportKeysValues SelectRows(const ReportKeysValues& table, const torch::Tensor& rows);
// Row rows[i] of `texts` becomes row i of `others`.
void ReplaceRows(ReportKeysValues& texts, const torch::Tensor& rows,
                 const ReportKeysValues& others);

}  // namespace lingula
