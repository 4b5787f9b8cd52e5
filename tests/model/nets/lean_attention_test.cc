#include "model/nets/lean_attention.h"

#include <gmock/gmock.h>

#include "tests/model/nets/formula_fill.h"

namespace lingula {
namespace {

using test::FillByFormula;
using test::FormulaTensor;
using test::MaxDifference;

constexpr int64_t kChannels = 12;
constexpr double kClose = 1e-5;

class LeanAttentionTest : public testing::Test {
 protected:
  Attention Make(int64_t heads) {
    Attention attention(kChannels, heads);
    FillByFormula(*attention, "attention.");
    return attention;
  }

  torch::NoGradGuard no_grad_;
};

TEST_F(LeanAttentionTest, OneHead) {
  auto attention = Make(1);
  for (const int64_t tokens : {7, 24}) {  // plain and packed
    const auto x = FormulaTensor("input.x", {2, tokens, kChannels});
    const auto v = FormulaTensor("input.v", {2, tokens, kChannels});
    const OneHead lean(WeightsOf(attention, 1), tokens, torch::kFloat32);
    EXPECT_LE(MaxDifference(lean(x, v), attention(x, x, v)), kClose) << tokens;
  }
  EXPECT_THROW(OneHead(WeightsOf(attention, 2), 24, torch::kFloat32), c10::Error);
}

TEST_F(LeanAttentionTest, FewKeys) {
  for (const int64_t heads : {1, 3, 4}) {
    auto attention = Make(heads);
    const auto q = FormulaTensor("input.q", {2, 9, kChannels});
    const auto k = FormulaTensor("input.k", {2, 5, kChannels});
    const auto v = FormulaTensor("input.v", {2, 5, kChannels});
    const FewKeys lean(WeightsOf(attention, heads), torch::kFloat32);
    EXPECT_LE(MaxDifference(lean(q, lean.Prepare(k, v)), attention(q, k, v)), kClose) << heads;
  }
}

TEST_F(LeanAttentionTest, FewQueries) {
  for (const int64_t heads : {1, 3, 4}) {
    auto attention = Make(heads);
    const auto weights = WeightsOf(attention, heads);
    const auto q = FormulaTensor("input.q", {2, 3, kChannels});
    const auto x = FormulaTensor("input.x", {2, 11, 8});
    const auto w = FormulaTensor("projection.weight", {kChannels, 8});
    const auto place = FormulaTensor("input.place", {11, kChannels});
    const auto projected = x.matmul(w.t());
    const FewQueries placed(weights, w, place, torch::kFloat32);
    EXPECT_LE(MaxDifference(placed(q, x), attention(q, projected + place, projected + place)),
              kClose);
    const FewQueries plain(weights, w, {}, torch::kFloat32);
    EXPECT_LE(MaxDifference(plain(q, x), attention(q, projected, projected)), kClose);
    const FewQueries direct(weights, {}, place, torch::kFloat32);
    EXPECT_LE(
        MaxDifference(direct(q, projected), attention(q, projected + place, projected + place)),
        kClose);
  }
}

TEST_F(LeanAttentionTest, DropWeightsFreesAll) {
  auto attention = Make(2);
  DropWeights(*attention);
  for (const auto& parameter : attention->parameters()) {
    EXPECT_EQ(parameter.numel(), 0);
  }
}

}  // namespace
}  // namespace lingula
