#include "model/nets/sgseg.h"

#include <string>

#include "model/nets/conv_unit.h"

namespace lingula {
namespace {

std::shared_ptr<VisionEncoder> MakeEncoder(const SgsegOptions& options) {
  if (const auto* sizes = std::get_if<ConvNextOptions>(&options.encoder)) {
    return std::make_shared<ConvNext>(*sizes);
  }
  return std::make_shared<MobileNetV2>(std::get<MobileNetV2Options>(options.encoder).width);
}

GuideDecoderOptions StageOptions(const SgsegOptions& o, int stage) {
  GuideDecoderOptions s;
  s.side = o.side / 32 << stage;
  s.in_channels = o.decoder_widths[stage];
  s.report_tokens = o.report_tokens;
  s.report_dim = o.report_dim;
  s.text_tokens = o.text_tokens[stage];
  s.cross_heads = o.cross_heads;
  s.scale = o.guide_scale;
  return s;
}

LocationOptions WithEncoder(const SgsegOptions& o, const std::array<int64_t, 4>& widths) {
  LocationOptions l = o.location;
  l.widths = widths;
  l.side = o.side / 16;
  return l;
}

}  // namespace

SgsegImpl::SgsegImpl(const SgsegOptions& o)
    : options_(o),
      encoder_(register_module("encoder", MakeEncoder(o))),
      lateral_{nullptr, nullptr, nullptr, nullptr},
      decoders_{register_module("decoder16", GuideDecoder(StageOptions(o, 0))),
                register_module("decoder8", GuideDecoder(StageOptions(o, 1))),
                register_module("decoder4", GuideDecoder(StageOptions(o, 2)))},
      head_(SubpixelHead(o.decoder_widths[3], o.head_channels)),
      detector_(register_module("detector", LocationTrunk(WithEncoder(o, encoder_->widths())))) {
  register_module("decoder1", head_->decoder());
  register_module("out", head_->out());
  for (int i = 0; i < 4; ++i) {
    const int64_t from = encoder_->widths()[i];
    const int64_t to = o.decoder_widths[3 - i];
    if (from != to) {
      lateral_[i] = register_module("lateral" + std::to_string(i),
                                    torch::nn::Conv2d(torch::nn::Conv2dOptions(from, to, 1)));
    }
  }
}

ReportKeysValues SgsegImpl::ProjectText(const torch::Tensor& text) {
  return {decoders_[0]->guide_layer()->ProjectText(text),
          decoders_[1]->guide_layer()->ProjectText(text),
          decoders_[2]->guide_layer()->ProjectText(text)};
}

torch::Tensor SgsegImpl::Decode(const Features& features, const ReportKeysValues& text,
                                const torch::Tensor& use_text) {
  const auto feature = [&](int i) {
    if (fused_lateral_[i].ready()) {
      return fused_lateral_[i](features[i]);
    }
    return lateral_[i].is_empty() ? features[i] : lateral_[i](features[i]);
  };
  auto x = feature(3);
  for (int stage = 0; stage < 3; ++stage) {
    x = decoders_[stage](x, feature(2 - stage), text[stage], use_text);
  }
  return head_(x);
}

void SgsegImpl::Fold(torch::ScalarType type, bool grey) {
  eval();
  encoder_->Fold(type, grey);
  for (auto& decoder : decoders_) {
    decoder->Fold(type);
  }
  head_->Fold(type);
  for (int i = 0; i < 4; ++i) {
    if (!lateral_[i].is_empty()) {
      fused_lateral_[i] = Fuse(lateral_[i], Activation::kNone, type);
    }
  }
  to(type);
  for (auto& parameter : parameters()) {
    parameter.requires_grad_(false);
  }
}

ReportKeysValues SelectRows(const ReportKeysValues& table, const torch::Tensor& rows) {
  ReportKeysValues selected;
  for (size_t i = 0; i < table.size(); ++i) {
    selected[i] = {table[i].keys.index_select(0, rows), table[i].values.index_select(0, rows)};
  }
  return selected;
}

}  // namespace lingula
