#include "model/nets/vit.h"

#include <map>
#include <string>

#include <gmock/gmock.h>

#include "tests/model/nets/formula_fill.h"

namespace lingula {
namespace {

using test::FillByFormula;
using test::FormulaTensor;
using test::MaxDifference;
using testing::ElementsAre;

VitOptions SmallOptions() {
  VitOptions options;
  options.side = 24;
  options.patch = 8;
  options.dim = 16;
  options.depth = 3;
  options.heads = 4;
  options.mlp = 32;
  return options;
}

class VitTest : public testing::Test {
 protected:
  VitTest() { FillByFormula(*vit_, "trunk."); }

  torch::NoGradGuard no_grad_;
  Vit vit_{SmallOptions()};
};

TEST_F(VitTest, TimmNames) {
  const auto p = vit_->named_parameters();
  EXPECT_THAT(p["cls_token"].sizes(), ElementsAre(1, 1, 16));
  EXPECT_THAT(p["pos_embed"].sizes(), ElementsAre(1, 10, 16));
  EXPECT_THAT(p["patch_embed.proj.weight"].sizes(), ElementsAre(16, 3, 8, 8));
  EXPECT_THAT(p["blocks.2.attn.qkv.weight"].sizes(), ElementsAre(48, 16));
  EXPECT_TRUE(p.contains("blocks.0.mlp.fc2.bias"));
  EXPECT_TRUE(p.contains("norm.weight"));
  EXPECT_EQ(p.size(), 4 + 3 * 12 + 2);
}

// Patches go row by row, the class row before them.
TEST_F(VitTest, PatchesAreRowMajor) {
  const auto image = FormulaTensor("input.image", {1, 3, 24, 24});
  torch::Tensor patches;
  vit_(image, [&](const std::string& name, const torch::Tensor& value) {
    if (name == "patch") {
      patches = value;
    }
  });
  ASSERT_THAT(patches.sizes(), ElementsAre(1, 9, 16));
  const auto p = vit_->named_parameters();
  const auto piece = image[0].slice(1, 8, 16).slice(2, 16, 24).flatten();  // row 1, column 2
  const auto expected =
      p["patch_embed.proj.weight"].flatten(1).mv(piece) + p["patch_embed.proj.bias"];
  EXPECT_LE(MaxDifference(patches[0][5], expected), 1e-5);
}

TEST_F(VitTest, AnswersWithTheNormalisedClassRow) {
  std::map<std::string, torch::Tensor> seen;
  const auto cls =
      vit_(FormulaTensor("input.image", {2, 3, 24, 24}),
           [&](const std::string& name, const torch::Tensor& value) { seen[name] = value; });
  ASSERT_THAT(seen.at("norm").sizes(), ElementsAre(2, 10, 16));
  EXPECT_TRUE(cls.equal(seen.at("norm").select(1, 0)));
  const auto p = vit_->named_parameters();
  const auto norm = torch::layer_norm(seen.at("block2").select(1, 0), {16}, p["norm.weight"],
                                      p["norm.bias"], 1e-6);
  EXPECT_LE(MaxDifference(cls, norm), 1e-6);
}

TEST_F(VitTest, FoldedComputesTheClassRowAlone) {
  const auto grey = FormulaTensor("input.image", {2, 1, 24, 24});
  const auto cls = vit_(grey.expand({2, 3, 24, 24}));
  vit_->Fold(torch::kFloat32, true);
  std::map<std::string, torch::Tensor> seen;
  const auto folded =
      vit_(grey.contiguous(torch::MemoryFormat::ChannelsLast),
           [&](const std::string& name, const torch::Tensor& value) { seen[name] = value; });
  EXPECT_THAT(seen.at("block1").sizes(), ElementsAre(2, 10, 16));
  EXPECT_THAT(seen.at("block2").sizes(), ElementsAre(2, 1, 16));
  EXPECT_LE(MaxDifference(folded, cls), 1e-4 * cls.abs().max().item<double>());
}

TEST_F(VitTest, RefusesSidesThatPatchesDoNotFill) {
  VitOptions options = SmallOptions();
  options.side = 20;
  EXPECT_THROW(Vit{options}, c10::Error);
}

}  // namespace
}  // namespace lingula
