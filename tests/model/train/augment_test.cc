#include "model/train/augment.h"

#include <gmock/gmock.h>

#include "model/train/losses.h"

namespace lingula {
namespace {

using testing::ElementsAre;

constexpr AugmentOptions kNothing{0, 0, 0, 0, 0, 0};

AugmentOptions FlipOnly() {
  AugmentOptions options = kNothing;
  options.flip = 1;
  return options;
}

InputSpec Spec(bool transpose) {
  InputSpec spec;
  spec.side_px = 16;
  spec.transpose = transpose;
  return spec;
}

double Largest(const torch::Tensor& difference) {
  return difference.abs().max().item<double>();
}

class AugmentTest : public testing::TestWithParam<bool> {
 protected:
  AugmentTest() {
    torch::manual_seed(3);
    images_ = torch::randint(0, 256, {2, 1, 16, 16}, torch::kUInt8);
    masks_ = torch::randint(0, 2, {2, 16, 16}, torch::kUInt8);
    zones_ = torch::tensor({1.0F, 0.0F, 0.0F, 0.0F, 1.0F, 1.0F, 0.0F, 0.0F, 1.0F, 0.0F, 0.0F, 0.0F})
                 .view({2, 6});
  }
  TrainBatch Run(const AugmentOptions& options) const {
    return Augment(images_, masks_, zones_, Spec(GetParam()), options);
  }
  torch::Tensor images_, masks_, zones_;
};

TEST_P(AugmentTest, NothingToVaryIsPlain) {
  const TrainBatch varied = Run(kNothing);
  const TrainBatch plain = Plain(images_, masks_, zones_);
  EXPECT_THAT(varied.images.sizes(), ElementsAre(2, 3, 16, 16));
  EXPECT_LE(Largest(varied.images - plain.images), 1e-4);
  EXPECT_TRUE(varied.masks.equal(plain.masks));
  EXPECT_TRUE(varied.zones.equal(plain.zones));
}

TEST_P(AugmentTest, PlainIsZScored) {
  const TrainBatch plain = Plain(images_, masks_, zones_);
  EXPECT_LE(Largest(plain.images.mean({2, 3})), 1e-5);
  EXPECT_LE(Largest(plain.images.pow(2).mean({2, 3}) - 1), 1e-4);
  EXPECT_TRUE(plain.images.select(1, 0).equal(plain.images.select(1, 2)));
  EXPECT_THAT(plain.masks.sizes(), ElementsAre(2, 1, 16, 16));
}

// A flip exchanges image left and right, never top and bottom, whichever axis holds the columns.
TEST_P(AugmentTest, FlipSwapsSidesAndZones) {
  const int64_t columns = GetParam() ? 2 : 3;  // axis of [B, C, 16, 16] that runs along a row
  const TrainBatch flipped = Run(FlipOnly());
  const TrainBatch plain = Plain(images_, masks_, zones_);
  EXPECT_LE(Largest(flipped.images - plain.images.flip({columns})), 1e-4);
  EXPECT_TRUE(flipped.masks.equal(plain.masks.flip({columns})));
  const auto swapped =
      torch::tensor({0.0F, 1.0F, 1.0F, 1.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 1.0F})
          .view({2, 6});
  EXPECT_TRUE(flipped.zones.equal(swapped));
  EXPECT_GT(Largest(flipped.images - plain.images), 0.5);
}

TEST_P(AugmentTest, FlipAndZonesGoTogetherForEachSample) {
  AugmentOptions half = kNothing;
  half.flip = 0.5;
  const int64_t columns = GetParam() ? 2 : 3;
  const TrainBatch plain = Plain(images_, masks_, zones_);
  int flips = 0;
  for (int seed = 0; seed < 20; ++seed) {
    torch::manual_seed(seed);
    const TrainBatch varied = Run(half);
    for (int64_t i = 0; i < 2; ++i) {
      const bool flipped = !varied.zones[i].equal(zones_[i]);
      flips += flipped ? 1 : 0;
      const auto wanted = flipped ? plain.masks[i].flip({columns - 1}) : plain.masks[i];
      EXPECT_TRUE(varied.masks[i].equal(wanted));
    }
  }
  EXPECT_GT(flips, 5);
  EXPECT_LT(flips, 35);
}

TEST_P(AugmentTest, EverythingAtOnceStaysATrainingBatch) {
  const TrainBatch varied = Run(AugmentOptions());
  EXPECT_TRUE(torch::isfinite(varied.images).all().item<bool>());
  EXPECT_TRUE(((varied.masks == 0) | (varied.masks == 1)).all().item<bool>());
  EXPECT_LE(Largest(varied.images.mean({2, 3})), 1e-4);
  torch::manual_seed(11);
  const TrainBatch once = Run(AugmentOptions());
  torch::manual_seed(11);
  EXPECT_TRUE(Run(AugmentOptions()).images.equal(once.images));
}

INSTANTIATE_TEST_SUITE_P(All, AugmentTest, testing::Bool(),
                         [](const auto& p) { return p.param ? "transposed" : "not_transposed"; });

// Mask and image move alike: the mask of a picture that is its own mask stays that.
TEST(AugmentGeometryTest, MaskFollowsTheImage) {
  torch::manual_seed(5);
  auto masks = torch::zeros({8, 32, 32}, torch::kUInt8);
  masks.narrow(1, 8, 14).narrow(2, 10, 9).fill_(1);
  AugmentOptions moves;
  moves.gamma = moves.noise = 0;
  const TrainBatch varied =
      Augment(masks.unsqueeze(1) * 255, masks, torch::zeros({8, 6}), Spec(true), moves);
  // Above the mean after the z-score is where more than that share of the light is.
  const auto bright = (varied.images.narrow(1, 0, 1) > 0.5).to(torch::kFloat32);
  const double wrong = (bright - varied.masks).abs().mean().item<double>();
  EXPECT_GT(varied.masks.mean().item<double>(), 0.05);
  EXPECT_LE(wrong, 0.03);
}

TEST(SoftDiceLossTest, ByHand) {
  // Probabilities 0.5 everywhere, one of four pixels is there: overlap 0.5, sums 2 and 1.
  const auto logits = torch::zeros({1, 1, 2, 2});
  auto truth = torch::zeros({1, 1, 2, 2});
  truth[0][0][0][1] = 1;
  EXPECT_NEAR(SoftDiceLoss(logits, truth).item<double>(), 1 - 1.00001 / 3.00001, 1e-6);
  // Averaged over images, not pooled: the second is met exactly.
  const auto both = torch::cat({logits, (truth * 2 - 1) * 1000});
  EXPECT_NEAR(SoftDiceLoss(both, torch::cat({truth, truth})).item<double>(),
              (1 - 1.00001 / 3.00001) / 2, 1e-6);
}

TEST(SoftDiceLossTest, NothingThere) {
  const auto truth = torch::zeros({1, 1, 2, 2});
  EXPECT_NEAR(SoftDiceLoss(torch::full({1, 1, 2, 2}, -1000.0), truth).item<double>(), 0, 1e-6);
  EXPECT_NEAR(SoftDiceLoss(torch::zeros({1, 1, 2, 2}), truth).item<double>(), 1 - 1e-5 / 2.00001,
              1e-6);
  // Its gradient is finite, too.
  auto logits = torch::full({1, 1, 2, 2}, -1000.0).requires_grad_();
  SoftDiceLoss(logits, truth).backward();
  EXPECT_TRUE(torch::isfinite(logits.grad()).all().item<bool>());
}

}  // namespace
}  // namespace lingula
