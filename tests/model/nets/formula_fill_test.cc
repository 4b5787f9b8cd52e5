#include "tests/model/nets/formula_fill.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace lingula {
namespace {

// Published vectors: the first four values and the sum of the whole tensor.
struct Vector {
  const char* key;
  std::vector<int64_t> shape;
  std::vector<float> first;
  double sum;
};

class FormulaFillTest : public testing::TestWithParam<Vector> {};

TEST_P(FormulaFillTest, MatchesThePublishedVectors) {
  const Vector& v = GetParam();
  const auto tensor = test::FormulaTensor(v.key, v.shape);
  const auto flat = tensor.view(-1);
  for (size_t i = 0; i < v.first.size(); ++i) {
    EXPECT_EQ(flat[static_cast<int64_t>(i)].item<float>(), v.first[i]);
  }
  EXPECT_NEAR(tensor.to(torch::kFloat64).sum().item<double>(), v.sum, 1e-9);
}

INSTANTIATE_TEST_SUITE_P(
    All, FormulaFillTest,
    testing::Values(Vector{"model.decoder16.guide_layer.norm1.weight",
                           {768},
                           {1.01171982F, 1.06004775F, 1.05612171F, 0.978556275F},
                           770.155202746391},
                    Vector{"model.encoder.model.embeddings.patch_embeddings.weight",
                           {96, 3, 4, 4},
                           {0.102537788F, 0.0591320321F, 0.149184123F, -0.0880678147F},
                           7.35716108197812},
                    Vector{"model.decoder16.decoder.transp_conv.conv.weight",
                           {768, 384, 2, 2},
                           {0.0245743431F, -0.00811172649F, 0.0252237041F, -0.0277218595F},
                           15.2499748156592},
                    Vector{"model.decoder16.decoder.conv_block.norm1.running_var",
                           {384},
                           {1.18697381F, 1.09050989F, 1.4575752F, 1.01215696F},
                           483.337936043739},
                    Vector{"model.decoder16.decoder.conv_block.norm1.running_mean",
                           {384},
                           {-0.0109002991F, -0.0280324575F, -0.0762146935F, -0.0787369981F},
                           0.694197021541186},
                    Vector{
                        "model.decoder4.guide_layer.scale", {}, {0.471058547F}, 0.471058547496796},
                    Vector{"model.decoder8.guide_layer.self_attn.in_proj_bias",
                           {1152},
                           {-0.0201824885F, -0.0276831426F, 0.0197060853F, -0.0461923294F},
                           0.144807165657767},
                    Vector{"model.encoder.model.encoder.stages.0.layers.0.layer_scale_parameter",
                           {96},
                           {0.219718903F, 0.213911623F, 0.281725347F, 0.325377911F},
                           27.576126396656},
                    Vector{"model.detector.agg.query",
                           {256},
                           {0.0713169649F, 0.228923991F, -0.417324573F, 0.304687858F},
                           -3.57537844683975},
                    Vector{"model.detector.fc.weight",
                           {6, 256},
                           {-0.314643204F, 0.0284339115F, 0.119500913F, 0.245541081F},
                           -2.78491717306315},
                    Vector{"model.text_encoder.model.bert.embeddings.word_embeddings.weight",
                           {30522, 768},
                           {0.0564470775F, -0.0127963852F, -0.0783660635F, -0.0819279253F},
                           -13.5901259731458},
                    Vector{"model.out.conv.conv.weight",
                           {1, 24, 1, 1},
                           {-1.48308992F, 0.587088645F, -0.795110583F, -0.878597796F},
                           -7.73015088587999},
                    Vector{"input.text",
                           {2, 24, 768},
                           {-0.577769876F, -1.1494838F, 1.39745736F, 1.39561701F},
                           210.443340566764}));

TEST(FormulaFillTest, LeavesPositionCodesAndCountersAlone) {
  torch::nn::BatchNorm2d norm(4);
  test::FillByFormula(*norm, "x.");
  EXPECT_EQ(norm->num_batches_tracked.item<int64_t>(), 0);
  EXPECT_FALSE(norm->is_training());
  EXPECT_TRUE(norm->weight.equal(test::FormulaTensor("x.weight", {4})));
  EXPECT_TRUE(norm->running_var.equal(test::FormulaTensor("x.running_var", {4})));
  EXPECT_GE(norm->running_var.min().item<float>(), 1);
}

}  // namespace
}  // namespace lingula
