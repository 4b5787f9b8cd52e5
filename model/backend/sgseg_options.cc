#include "model/backend/sgseg_options.h"

namespace lingula {

SgsegOptions SgsegOptionsFrom(const bundle::v1::Manifest& manifest) {
  const bundle::v1::SgsegSpec& spec = manifest.sgseg();
  SgsegOptions o;
  o.side = manifest.input().side_px();
  if (spec.has_convnext()) {
    ConvNextOptions convnext;
    for (int i = 0; i < 4; ++i) {
      convnext.depths[i] = spec.convnext().depths(i);
      convnext.widths[i] = spec.convnext().widths(i);
    }
    o.encoder = convnext;
  } else {
    MobileNetV2Options mobilenet;
    mobilenet.width = spec.mobilenet_v2().width();
    o.encoder = mobilenet;
  }
  for (int i = 0; i < 4; ++i) {
    o.decoder_widths[i] = spec.decoder_widths(i);
  }
  for (int i = 0; i < 3; ++i) {
    o.text_tokens[i] = spec.guide_text_tokens(i);
  }
  o.cross_heads = spec.cross_heads();
  o.head_channels = spec.head_channels();
  o.location.dim = spec.location().dim();
  o.location.heads = spec.location().heads();
  o.location.layers = spec.location().layers();
  o.location.queries = spec.location().queries();
  o.report_tokens = spec.report_tokens();
  o.report_dim = spec.report_dim();
  return o;
}

}  // namespace lingula
