#include "model/train/augment.h"

#include <gmock/gmock.h>

#include "model/train/random_light.h"
#include "model/train/random_moves.h"

namespace lingula {
namespace {

using testing::ElementsAre;

AugmentOptions Nothing() {
  AugmentOptions options;
  options.zoom = options.rotate_degrees = options.shift = options.flip = 0;
  options.gamma = options.noise = 0;
  return options;
}

AugmentOptions FlipOnly() {
  AugmentOptions options = Nothing();
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
    return Augment(images_, masks_, zones_, rows_, Spec(GetParam()), options);
  }
  TrainBatch RunPlain() const { return Plain(images_, masks_, zones_, rows_); }
  torch::Tensor images_, masks_, zones_, rows_ = torch::tensor({7, 3});
};

TEST_P(AugmentTest, NothingToVaryIsPlain) {
  const TrainBatch varied = Run(Nothing());
  const TrainBatch plain = RunPlain();
  EXPECT_THAT(varied.images.sizes(), ElementsAre(2, 3, 16, 16));
  EXPECT_LE(Largest(varied.images - plain.images), 1e-4);
  EXPECT_TRUE(varied.masks.equal(plain.masks));
  EXPECT_TRUE(varied.zones.equal(plain.zones));
  EXPECT_TRUE(varied.rows.equal(rows_));
  EXPECT_TRUE(plain.rows.equal(rows_));
}

TEST_P(AugmentTest, PlainIsZScored) {
  const TrainBatch plain = RunPlain();
  EXPECT_LE(Largest(plain.images.mean({2, 3})), 1e-5);
  EXPECT_LE(Largest(plain.images.pow(2).mean({2, 3}) - 1), 1e-4);
  EXPECT_TRUE(plain.images.select(1, 0).equal(plain.images.select(1, 2)));
  EXPECT_THAT(plain.masks.sizes(), ElementsAre(2, 1, 16, 16));
}

// A flip exchanges image left and right, never top and bottom, whichever axis holds the columns.
TEST_P(AugmentTest, FlipSwapsSidesAndZones) {
  const int64_t columns = GetParam() ? 2 : 3;  // axis of [B, C, 16, 16] that runs along a row
  const TrainBatch flipped = Run(FlipOnly());
  const TrainBatch plain = RunPlain();
  EXPECT_LE(Largest(flipped.images - plain.images.flip({columns})), 1e-4);
  EXPECT_TRUE(flipped.masks.equal(plain.masks.flip({columns})));
  const auto swapped =
      torch::tensor({0.0F, 1.0F, 1.0F, 1.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 1.0F})
          .view({2, 6});
  EXPECT_TRUE(flipped.zones.equal(swapped));
  EXPECT_GT(Largest(flipped.images - plain.images), 0.5);
}

TEST_P(AugmentTest, FlipAndZonesGoTogetherForEachSample) {
  AugmentOptions half = Nothing();
  half.flip = 0.5;
  const int64_t columns = GetParam() ? 2 : 3;
  const TrainBatch plain = RunPlain();
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

TEST_P(AugmentTest, TopBottomFlipSwapsUpperAndLowerZones) {
  AugmentOptions options = Nothing();
  options.flip_rows = 1;
  const int64_t rows = GetParam() ? 3 : 2;
  const TrainBatch upended = Run(options);
  const TrainBatch plain = RunPlain();
  EXPECT_LE(Largest(upended.images - plain.images.flip({rows})), 1e-4);
  EXPECT_TRUE(upended.masks.equal(plain.masks.flip({rows})));
  const auto swapped =
      torch::tensor({0.0F, 0.0F, 1.0F, 1.0F, 1.0F, 0.0F, 1.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F})
          .view({2, 6});
  EXPECT_TRUE(upended.zones.equal(swapped));
}

// Both flips are a half turn, and so is one rotation by 180 degrees.
TEST_P(AugmentTest, BothFlipsAreAHalfTurn) {
  AugmentOptions options = Nothing();
  options.flip = options.flip_rows = 1;
  const TrainBatch turned = Run(options);
  EXPECT_LE(Largest(turned.images - RunPlain().images.flip({2, 3})), 1e-4);
  EXPECT_TRUE(turned.zones.equal(zones_.flip({1})));
}

INSTANTIATE_TEST_SUITE_P(All, AugmentTest, testing::Bool(),
                         [](const auto& p) { return p.param ? "transposed" : "not_transposed"; });

// Tensors of the "meta" device have no values: whatever is made elsewhere, or waits for a value,
// fails. So nothing here makes a graphics processor wait.
TEST(AugmentDeviceTest, NothingIsMadeElsewhere) {
  AugmentOptions options;
  options.elastic = 0.03;
  options.flip_rows = 0.5;
  options.colour = 0.2;
  const Moves moves = RandomMoves(2, 16, true, options, torch::kMeta);
  EXPECT_TRUE(moves.grid.is_meta() && moves.flipped.is_meta() && moves.upended.is_meta());
  EXPECT_THAT(moves.grid.sizes(), ElementsAre(2, 16, 16, 2));
  const auto images = torch::empty({2, 3, 16, 16}, torch::TensorOptions().device(torch::kMeta));
  const torch::Tensor varied = RandomLight(images, options);
  EXPECT_TRUE(varied.is_meta());
  EXPECT_THAT(varied.sizes(), ElementsAre(2, 3, 16, 16));
}

}  // namespace
}  // namespace lingula
