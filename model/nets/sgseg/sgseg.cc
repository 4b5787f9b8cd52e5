#include "model/nets/sgseg/sgseg.h"

namespace lingula {
namespace {

GuideDecoderOptions StageOptions(const SgsegOptions& o, int stage) {
  GuideDecoderOptions s;
  s.in_channels = o.decoder_widths[stage];
  s.report_tokens = o.report_tokens;
  s.report_dim = o.report_dim;
  s.text_tokens = o.text_tokens[stage];
  s.cross_heads = o.cross_heads;
  s.scale = o.guide_scale;
  return s;
}

}  // namespace

SgsegImpl::SgsegImpl(const SgsegOptions& o)
    : options_(o),
      encoder_(register_module("encoder", MakeEncoder(o.encoder))),
      decoders_{register_module("decoder16", GuideDecoder(StageOptions(o, 0))),
                register_module("decoder8", GuideDecoder(StageOptions(o, 1))),
                register_module("decoder4", GuideDecoder(StageOptions(o, 2)))},
      head_(SubpixelHead(o.decoder_widths[3], o.head_channels)),
      laterals_(*this, encoder_->widths(), o.decoder_widths) {
  register_module("decoder1", head_->decoder());
  register_module("out", head_->out());
  if (const auto* location = std::get_if<LocationOptions>(&o.locator)) {
    LocationOptions sizes = *location;
    sizes.widths = encoder_->widths();
    sizes.side = o.side / 16;
    detector_ = register_module("detector", LocationTrunk(sizes));
  } else if (const auto* rtdetr = std::get_if<RtDetrOptions>(&o.locator)) {
    detector_ = register_module("detector", RtDetrDetector(*rtdetr));
  }
}

RtDetrDetectorImpl* SgsegImpl::rtdetr() {
  auto* detector = std::get_if<RtDetrDetector>(&detector_);
  return detector == nullptr ? nullptr : detector->get();
}

LocationTrunkImpl::Answer SgsegImpl::Locate(const torch::Tensor& image, const Features& features) {
  if (RtDetrDetectorImpl* detector = rtdetr()) {
    return {detector->forward(image), torch::Tensor()};
  }
  return std::get<LocationTrunk>(detector_)(features);
}

ReportKeysValues SgsegImpl::ProjectText(const torch::Tensor& text) {
  return {decoders_[0]->guide_layer()->ProjectText(text),
          decoders_[1]->guide_layer()->ProjectText(text),
          decoders_[2]->guide_layer()->ProjectText(text)};
}

torch::Tensor SgsegImpl::Decode(const Features& encoded, const ReportKeysValues& text,
                                const torch::Tensor& use_text) {
  const Features features = ToType(encoded, decoder_type_);
  auto x = laterals_(features, 3);
  for (int stage = 0; stage < 3; ++stage) {
    x = decoders_[stage](x, laterals_(features, 2 - stage), text[stage], use_text);
  }
  return head_(x);
}

void SgsegImpl::Fold(const FoldTypes& types, bool grey) {
  eval();
  encoder_->Fold(types.encoder, grey);
  for (size_t stage = 0; stage < decoders_.size(); ++stage) {
    decoders_[stage]->Fold(types.decoder, options_.side / 32 << stage);
  }
  head_->Fold(types.decoder);
  laterals_.Fold(types.decoder);
  if (RtDetrDetectorImpl* detector = rtdetr()) {
    detector->Fold(types.encoder, grey);
  } else if (auto* trunk = std::get_if<LocationTrunk>(&detector_)) {
    (*trunk)->Fold(types.encoder);
  }
  ConvertTo(types, {"encoder", "detector"}, *this);
  decoder_type_ = types.decoder;
}

ReportKeysValues SelectRows(const ReportKeysValues& table, const torch::Tensor& rows) {
  ReportKeysValues selected;
  for (size_t i = 0; i < table.size(); ++i) {
    const auto select = [&rows](const torch::Tensor& x) {
      return x.defined() ? x.index_select(0, rows) : x;
    };
    selected[i] = {select(table[i].keys), select(table[i].values), select(table[i].bias)};
  }
  return selected;
}

void ReplaceRows(ReportKeysValues& texts, const torch::Tensor& rows,
                 const ReportKeysValues& others) {
  for (size_t i = 0; i < texts.size(); ++i) {
    texts[i].keys.index_copy_(0, rows, others[i].keys);
    texts[i].values.index_copy_(0, rows, others[i].values);
    if (texts[i].bias.defined()) {
      texts[i].bias.index_copy_(0, rows, others[i].bias);
    }
  }
}

}  // namespace lingula
