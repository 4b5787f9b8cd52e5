#include "model/nets/prolearn/prototype_guide.h"

#include <cmath>
#include <map>
#include <string>

#include <gmock/gmock.h>

#include "model/nets/prolearn/guided_approximation.h"
#include "tests/model/nets/formula_fill.h"

namespace lingula {
namespace {

using test::FillByFormula;
using test::FormulaTensor;
using test::MaxDifference;

constexpr int64_t kChannels = 8, kHeads = 4;
const torch::Tensor kAll;  // guides every sample

class PrototypeGuideTest : public testing::Test {
 protected:
  torch::NoGradGuard no_grad_;
};

// The position code, value by value.
torch::Tensor Positions(int64_t tokens, int64_t channels) {
  auto code = torch::empty({tokens, channels});
  for (int64_t p = 0; p < tokens; ++p) {
    for (int64_t c = 0; c < channels; ++c) {
      const double angle =
          static_cast<double>(p) / std::pow(10000.0, static_cast<double>(c / 2 * 2) / channels);
      code[p][c] = c % 2 == 0 ? std::sin(angle) : std::cos(angle);
    }
  }
  return code;
}

// Attention, written out for one sample [N, C] and one head after the other.
torch::Tensor Attend(torch::nn::Module& module, const std::string& name, int64_t heads,
                     const torch::Tensor& q, const torch::Tensor& kv) {
  const auto p = module.named_parameters();
  const int64_t c = q.size(1), d = c / heads;
  const auto project = [&](const torch::Tensor& x, int64_t part) {
    return x.matmul(p[name + ".in_proj_weight"].narrow(0, part * c, c).t()) +
           p[name + ".in_proj_bias"].narrow(0, part * c, c);
  };
  const auto qs = project(q, 0), ks = project(kv, 1), vs = project(kv, 2);
  std::vector<torch::Tensor> mixed;
  for (int64_t h = 0; h < heads; ++h) {
    const auto scores = qs.narrow(1, h * d, d).matmul(ks.narrow(1, h * d, d).t()) / std::sqrt(d);
    mixed.push_back(scores.softmax(1).matmul(vs.narrow(1, h * d, d)));
  }
  return torch::cat(mixed, 1).matmul(p[name + ".out_proj.weight"].t()) + p[name + ".out_proj.bias"];
}

torch::Tensor Norm(torch::nn::Module& module, const std::string& name, const torch::Tensor& x) {
  const auto p = module.named_parameters();
  return torch::layer_norm(x, {x.size(1)}, p[name + ".weight"], p[name + ".bias"], 1e-5);
}

// Self-attention doubles its input and adds positions to all of it.
TEST_F(PrototypeGuideTest, SelfAttentionDoubles) {
  DoubledSelfAttention layer(kChannels);
  FillByFormula(*layer, "self_attn.");
  const auto x = FormulaTensor("input.x", {5, kChannels});
  const auto doubled = 2 * x + Positions(5, kChannels);
  const auto n = Norm(*layer, "norm", doubled);
  const auto expected =
      doubled + Norm(*layer, "self_attn_norm", Attend(*layer, "self_attn", 1, n, n));
  EXPECT_LE(MaxDifference(layer(x.unsqueeze(0))[0], expected), 1e-5);
  layer->Fold(5, torch::kFloat32);
  EXPECT_LE(MaxDifference(layer(x.unsqueeze(0))[0], expected), 1e-5);
}

// Cross-attention doubles both sides; keys and values carry positions and are not normalised.
TEST_F(PrototypeGuideTest, CrossAttentionDoublesBothSides) {
  DoubledCrossAttention layer(kChannels, kHeads, 1.0);
  FillByFormula(*layer, "cross_attn.");
  const auto u = FormulaTensor("input.u", {6, kChannels});
  const auto w = FormulaTensor("input.w", {3, kChannels});
  const auto doubled = 2 * u + Positions(6, kChannels);
  const auto attended = Attend(*layer, "cross_attn", kHeads, Norm(*layer, "norm", doubled),
                               2 * w + Positions(3, kChannels));
  const auto expected =
      doubled + layer->named_parameters()["scale"] * Norm(*layer, "cross_attn_norm", attended);
  EXPECT_LE(MaxDifference(layer(u.unsqueeze(0), w.unsqueeze(0), kAll)[0], expected), 1e-5);
  const auto without = layer(u.unsqueeze(0), w.unsqueeze(0), torch::zeros({1, 1, 1}))[0];
  EXPECT_LE(MaxDifference(without, doubled), 1e-6);
  layer->FoldForFewKeys(6, 3, torch::kFloat32);
  EXPECT_LE(MaxDifference(layer(u.unsqueeze(0), w.unsqueeze(0), kAll)[0], expected), 1e-5);
}

TEST_F(PrototypeGuideTest, ProjectTextMixesRanks) {
  PrototypeGuideOptions options;
  options.channels = kChannels;
  options.response_dim = 6;
  PrototypeGuide layer(options);
  FillByFormula(*layer, "guide_layer.");
  const auto p = layer->named_parameters();
  const auto response = FormulaTensor("input.response", {3, 6});
  const auto mixed = p["text_project.0.weight"].squeeze(2).matmul(response) +
                     p["text_project.0.bias"].unsqueeze(1);
  const auto wide =
      torch::gelu(mixed).matmul(p["text_project.2.weight"].t()) + p["text_project.2.bias"];
  const auto expected = torch::where(wide > 0, wide, 0.01 * wide);
  EXPECT_LE(MaxDifference(layer->ProjectText(response.unsqueeze(0))[0], expected), 1e-5);
  // So the order of the retrieval matters.
  EXPECT_GT(MaxDifference(layer->ProjectText(response.flip(0).unsqueeze(0))[0], expected.flip(0)),
            1e-2);
}

TEST_F(PrototypeGuideTest, DecoderStageFolded) {
  PrototypeGuideOptions options;
  options.channels = kChannels;
  options.response_dim = 6;
  PrototypeDecoder stage(options);
  FillByFormula(*stage, "decoder16.");
  const auto map = [](const char* key, int64_t c, int64_t side) {
    return FormulaTensor(key, {2, c, side, side}).contiguous(torch::MemoryFormat::ChannelsLast);
  };
  const auto x = map("input.x", kChannels, 4), skip = map("input.skip", kChannels / 2, 8);
  const auto response = FormulaTensor("input.response", {2, 3, 6});
  std::map<std::string, torch::Tensor> seen;
  const auto plain = stage(x, skip, response, kAll,
                           [&](const std::string& name, const auto& value) { seen[name] = value; });
  const auto tokens = x.flatten(2).transpose(1, 2);
  EXPECT_TRUE(seen.at("guide").equal(stage->guide_layer()(tokens, response, kAll)));
  const auto unguided = stage(x, skip, response, torch::zeros({2, 1, 1}));
  EXPECT_GT(MaxDifference(unguided, plain), 1e-3);
  stage->Fold(4, torch::kFloat32);
  const double largest = plain.abs().max().item<double>();
  EXPECT_LE(MaxDifference(stage(x, skip, response, kAll), plain), 1e-4 * largest);
  EXPECT_LE(MaxDifference(stage(x, skip, response, torch::zeros({2, 1, 1})), unguided),
            1e-4 * largest);
}

GuidedApproximationOptions SmallApproximation() {
  GuidedApproximationOptions options;
  options.visual_channels = 10;
  options.skip_channels = 6;
  options.response_dim = 16;
  return options;
}

TEST_F(PrototypeGuideTest, ApproximationIsBothBranchesAndTheResponse) {
  GuidedApproximation approx(SmallApproximation());
  FillByFormula(*approx, "approx1.");
  const auto r = FormulaTensor("input.response", {3, 16});
  const auto visual = FormulaTensor("input.vis", {9, 10});
  const auto skip = FormulaTensor("input.skip", {36, 6});
  const auto branch = [&](const std::string& n, const torch::Tensor& image) {
    const auto p = approx->named_parameters();
    DoubledSelfAttention self(16);
    DoubledCrossAttention cross(16, 4, 1.0);
    FillByFormula(*self, "approx1.self_attn" + n + ".");
    FillByFormula(*cross, "approx1.cross_attn" + n + ".");
    const auto tokens =
        image.matmul(p["projection" + n + ".weight"].t()) + p["projection" + n + ".bias"];
    return cross(self(r.unsqueeze(0)), tokens.unsqueeze(0), kAll)[0];
  };
  const auto expected = Norm(*approx, "norm", r + branch("1", visual) + branch("2", skip));
  const auto found = approx(r.unsqueeze(0), visual.unsqueeze(0), skip.unsqueeze(0))[0];
  EXPECT_LE(MaxDifference(found, expected), 1e-5);
}

TEST_F(PrototypeGuideTest, ApproximationFolded) {
  GuidedApproximation approx(SmallApproximation());
  FillByFormula(*approx, "approx1.");
  const auto r = FormulaTensor("input.response", {2, 3, 16});
  const auto visual = FormulaTensor("input.vis", {2, 9, 10});
  const auto skip = FormulaTensor("input.skip", {2, 36, 6});
  std::map<std::string, torch::Tensor> before, after;
  const auto see = [](auto& seen) {
    return [&seen](const std::string& name, const torch::Tensor& value) { seen[name] = value; };
  };
  before["out"] = approx(r, visual, skip, see(before));
  approx->Fold(9, 36, torch::kFloat32);
  after["out"] = approx(r, visual, skip, see(after));
  for (const char* name : {"out", "self_attn1", "branch1"}) {
    const double largest = before.at(name).abs().max().item<double>();
    EXPECT_LE(MaxDifference(before.at(name), after.at(name)), 1e-4 * largest) << name;
  }
  // Nothing of a projection is left to hold in memory.
  EXPECT_EQ(approx->named_parameters()["projection2.weight"].numel(), 0);
}

}  // namespace
}  // namespace lingula
