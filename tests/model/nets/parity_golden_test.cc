// Parts of the published networks against recorded outputs of the published code.
#include <string>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "model/nets/sgseg.h"
#include "tests/model/nets/formula_fill.h"
#include "tests/model/nets/recorded.h"

namespace lingula {
namespace {

using test::FillByFormula;
using test::FormulaTensor;
using test::MaxDifference;
using test::Recorded;

class ParityTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { torch::set_num_threads(1); }
  torch::NoGradGuard no_grad_;
};

// As folded networks want their maps.
torch::Tensor Interleaved(const torch::Tensor& x) {
  return x.contiguous(torch::MemoryFormat::ChannelsLast);
}

// A published decoder stage; `stage` is the stride of its output.
struct Stage {
  int stage;
  int64_t side, channels, text_tokens;
};
constexpr Stage kStages[] = {{16, 7, 768, 24}, {8, 14, 384, 12}, {4, 28, 192, 9}};

GuideDecoderOptions OptionsOf(const Stage& s) {
  GuideDecoderOptions o;
  o.side = s.side;
  o.in_channels = s.channels;
  o.text_tokens = s.text_tokens;
  return o;
}

TEST_F(ParityTest, GuideLayers) {
  const Recorded recorded("guide_layer");
  const auto text = FormulaTensor("input.text", {2, 24, 768});
  for (const Stage& s : kStages) {
    GuideLayer layer(OptionsOf(s));
    FillByFormula(*layer, absl::StrCat("model.decoder", s.stage, ".guide_layer."));
    const auto x =
        FormulaTensor(absl::StrCat("input.guide", s.stage, ".x"), {2, s.side * s.side, s.channels});
    const auto guided = layer(x, layer->ProjectText(text), torch::Tensor());
    recorded.Expect(absl::StrCat("guide", s.stage), guided);
    // A share of 1 for the text changes nothing, 0 takes the text out altogether.
    EXPECT_TRUE(layer(x, layer->ProjectText(text), torch::ones({2, 1, 1})).equal(guided));
    const auto without = layer(x, layer->ProjectText(text), torch::zeros({2, 1, 1}));
    EXPECT_GT(MaxDifference(without, guided), 0.1);
    EXPECT_TRUE(layer(x, layer->ProjectText(-text), torch::zeros({2, 1, 1})).equal(without));
  }
}

TEST_F(ParityTest, UpBlocksAndTheirFoldedForms) {
  const Recorded recorded("up_block");
  for (const Stage& s : kStages) {
    UpBlock block(s.channels);
    FillByFormula(*block, absl::StrCat("model.decoder", s.stage, ".decoder."));
    const auto x =
        FormulaTensor(absl::StrCat("input.up", s.stage, ".x"), {2, s.channels, s.side, s.side});
    const auto skip = FormulaTensor(absl::StrCat("input.up", s.stage, ".skip"),
                                    {2, s.channels / 2, 2 * s.side, 2 * s.side});
    const auto up = block(x, skip);
    recorded.Expect(absl::StrCat("up", s.stage), up);
    block->Fold(torch::kFloat32);
    const double largest = up.abs().max().item<double>();
    EXPECT_LE(MaxDifference(block(Interleaved(x), Interleaved(skip)), up), 1e-5 * largest);
  }
}

TEST_F(ParityTest, SubpixelHeadAndItsFoldedForm) {
  const Recorded recorded("up_block");
  SubpixelHead head(96, 24);
  FillByFormula(*head, "model.");
  const auto x = FormulaTensor("input.subpixel.x", {2, 96, 56, 56});
  const auto logits = head(x);
  recorded.Expect("subpixel_logits", logits);
  head->Fold(torch::kFloat32);
  EXPECT_LE(MaxDifference(head(Interleaved(x)), logits), 1e-5);
}

// Picks single channels by a one-hot last convolution: the damped first rows and columns, too.
TEST_F(ParityTest, SubpixelCorner) {
  const auto corner = Recorded("up_block").Get("subpixel.corner");  // [2, 24, 8, 8]
  const auto x = FormulaTensor("input.subpixel.x", {2, 96, 56, 56});
  SubpixelHead head(96, 24);
  FillByFormula(*head, "model.");
  auto parameters = head->named_parameters();
  parameters["out.conv.conv.bias"].zero_();
  for (const int64_t channel : {0, 13, 23}) {
    parameters["out.conv.conv.weight"].zero_().select(1, channel).fill_(1);
    const auto found = head(x).slice(2, 0, 8).slice(3, 0, 8).squeeze(1);
    EXPECT_LE(MaxDifference(found, corner.select(1, channel)), 2e-5) << channel;
  }
}

TEST_F(ParityTest, ConvNext) {
  const Recorded recorded("convnext");
  ConvNext encoder{ConvNextOptions()};
  FillByFormula(encoder, "model.encoder.");
  const Features features = encoder.forward(test::SyntheticImages());
  for (int i = 0; i < 4; ++i) {
    recorded.Expect(absl::StrCat("f", i), features[i].flatten(2).transpose(1, 2));
  }
}

// Layers of BERT from the recorded caption ids; one caption is empty, so padding is tested.
TEST_F(ParityTest, Bert) {
  const Recorded recorded("cxr_bert");
  const auto ids = recorded.Get("ids").to(torch::kInt64);
  const auto mask = recorded.Get("mask");
  for (const auto& [layers, name] :
       {std::pair(0, "embedding_layer"), std::pair(1, "layer1"), std::pair(12, "hidden")}) {
    BertOptions options;
    options.layers = layers;
    Bert bert(options);
    FillByFormula(*bert, "model.text_encoder.model.");
    recorded.Expect(name, bert(ids, mask));
  }
}

// Image and hidden text to mask through the published network, all of it but BERT and the detector.
TEST_F(ParityTest, SgsegFromImageAndTextToMask) {
  const Recorded recorded("sgseg");
  SgsegOptions options;
  options.encoder = ConvNextOptions();
  Sgseg net(options);
  FillByFormula(*net, "model.");
  const auto features = net->Encode(test::SyntheticImages());
  const auto text = net->ProjectText(recorded.Get("text_hidden"));
  const auto logits = net->Decode(features, text, torch::Tensor());
  recorded.Expect("logits", logits);
  recorded.Expect("probabilities", torch::sigmoid(logits));
  net->Fold(torch::kFloat32, true);
  const auto folded = net->Encode(Interleaved(test::SyntheticImages().narrow(1, 0, 1)));
  recorded.Expect("logits", net->Decode(folded, text, torch::Tensor()));
}

}  // namespace
}  // namespace lingula
