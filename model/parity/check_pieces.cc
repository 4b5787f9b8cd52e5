// Parts of the published networks alone: encoder, text tower, guide layers, up-sampling.
#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/nets/bert.h"
#include "model/nets/convnext.h"
#include "model/nets/guide_decoder.h"
#include "model/nets/subpixel_head.h"
#include "model/parity/check.h"
#include "model/parity/published.h"

namespace lingula::parity {
namespace {

// A published decoder stage; `stage` is the stride of its output.
struct Stage {
  int stage;
  int64_t side, channels, text_tokens;
};
constexpr Stage kStages[] = {{16, 7, 768, 24}, {8, 14, 384, 12}, {4, 28, 192, 9}};

ConvNextOptions StemOnly() {
  ConvNextOptions options;
  options.depths = {0, 0, 0, 0};  // leaves f0 as the stem gives it
  return options;
}

}  // namespace

absl::Status CheckConvNext(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const Formula formula, check.MakeFormula());
  ConvNext stem(StemOnly()), encoder{ConvNextOptions()};
  formula.Fill(stem, "model.encoder.");
  formula.Fill(encoder, "model.encoder.");
  for (const std::string& batch : check.Batches()) {
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor images, check.folder().Images(batch));
    check.Compare(batch + ".stem", Tokens(stem.forward(images)[0]));
    const Features features = encoder.forward(images);
    for (int i = 0; i < 4; ++i) {
      check.Compare(absl::StrCat(batch, ".f", i), Tokens(features[i]));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCxrBert(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const Formula formula, check.MakeFormula());
  LINGULA_ASSIGN_OR_RETURN(const auto captions, StringsNote(check, "captions"));
  LINGULA_ASSIGN_OR_RETURN(const TextTokens tokens, Tokenize(check.folder(), captions));
  check.CompareExactly("ids", tokens.ids);
  check.CompareExactly("mask", tokens.mask);
  for (const auto& [layers, name] :
       {std::pair(0, "embedding_layer"), std::pair(1, "layer1"), std::pair(12, "hidden")}) {
    BertOptions options;
    options.layers = layers;
    Bert bert(options);
    formula.Fill(*bert, kTextTowerPrefix);
    check.Compare(name, bert(tokens.ids, tokens.mask));
  }
  return absl::OkStatus();
}

absl::Status CheckGuideA(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const Formula formula, check.MakeFormula());
  const auto text = formula.Make("input.text", {2, 24, 768});
  for (const Stage& s : kStages) {
    GuideDecoderOptions options;
    options.in_channels = s.channels;
    options.text_tokens = s.text_tokens;
    GuideLayer layer(options);
    formula.Fill(*layer, absl::StrCat("model.decoder", s.stage, ".guide_layer."));
    const auto x =
        formula.Make(absl::StrCat("input.guide", s.stage, ".x"), {2, s.side * s.side, s.channels});
    check.Compare(absl::StrCat("guide", s.stage),
                  layer(x, layer->ProjectText(text), torch::Tensor()));
    // ProjectText answers with the values of the attention: with the identity in the place of the
    // values' projection, these are the projected text itself.
    auto parameters = layer->named_parameters();
    parameters["cross_attn.in_proj_weight"].slice(0, 2 * s.channels).copy_(torch::eye(s.channels));
    parameters["cross_attn.in_proj_bias"].zero_();
    const auto values = layer->ProjectText(text).values;  // [B, heads, L, C / heads]
    check.Compare(absl::StrCat("text_project", s.stage), values.transpose(1, 2).flatten(2));
  }
  return absl::OkStatus();
}

absl::Status CheckUpBlock(FileCheck& check) {
  LINGULA_ASSIGN_OR_RETURN(const Formula formula, check.MakeFormula());
  for (const Stage& s : kStages) {
    UpBlock block(s.channels);
    formula.Fill(*block, absl::StrCat("model.decoder", s.stage, ".decoder."));
    const auto x =
        formula.Make(absl::StrCat("input.up", s.stage, ".x"), {2, s.channels, s.side, s.side});
    const auto skip = formula.Make(absl::StrCat("input.up", s.stage, ".skip"),
                                   {2, s.channels / 2, 2 * s.side, 2 * s.side});
    const std::string name = absl::StrCat("up", s.stage);
    check.Compare(name, block(x, skip));
    block->Fold(torch::kFloat32, s.side);
    check.Compare(name, block(Interleaved(x), Interleaved(skip)), kServed);
  }
  SubpixelHead head(96, 24);
  formula.Fill(*head, "model.");
  const auto x = formula.Make("input.subpixel.x", {2, 96, 56, 56});
  const auto pixels = head->Upsample(x);
  check.Compare("subpixel", pixels);
  check.CompareWithin("subpixel.corner", pixels.slice(2, 0, 8).slice(3, 0, 8),
                      check.Tolerance("subpixel"));
  check.Compare("subpixel_logits", head(x));
  head->Fold(torch::kFloat32);
  check.Compare("subpixel_logits", head(Interleaved(x)), kServed);
  return absl::OkStatus();
}

}  // namespace lingula::parity
