#include "model/train/augment.h"

#include <cmath>

#include <gmock/gmock.h>

namespace lingula {
namespace {

AugmentOptions Nothing() {
  AugmentOptions options;
  options.zoom = options.rotate_degrees = options.shift = options.flip = 0;
  options.gamma = options.noise = 0;
  return options;
}

double Largest(const torch::Tensor& difference) {
  return difference.abs().max().item<double>();
}

// Eight pictures of a disc on black, which are their own masks.
class DiscTest : public testing::Test {
 protected:
  static constexpr int64_t kSide = 64, kCount = 8;
  DiscTest() {
    torch::manual_seed(5);
    const auto place = torch::arange(kSide, torch::kFloat32);
    const auto disc = (place.view({-1, 1}) - 24).square() + (place - 36).square() < 15 * 15;
    masks_ = disc.to(torch::kUInt8).expand({kCount, kSide, kSide}).contiguous();
  }
  TrainBatch Run(const AugmentOptions& options, int64_t channels = 1) const {
    InputSpec spec;
    spec.side_px = kSide;
    return Augment((masks_.unsqueeze(1) * 255).expand({kCount, channels, kSide, kSide}), masks_,
                   torch::zeros({kCount, 6}), torch::arange(kCount), spec, options);
  }
  // Share of pixels in which the mask is not where the image is bright.
  static double Apart(const TrainBatch& batch) {
    const auto image = batch.images.select(1, 0).unsqueeze(1);
    const auto middle = (image.amax({2, 3}, true) + image.amin({2, 3}, true)) / 2;
    const auto bright = (image > middle).to(torch::kFloat32);
    return (bright - batch.masks).abs().mean().item<double>();
  }
  double Area() const { return masks_[0].sum().item<double>(); }
  torch::Tensor masks_;
};

TEST_F(DiscTest, MaskFollowsTheImage) {
  for (const double turn : {15.0, 180.0}) {  // with repeated edges, and with mirrored ones
    AugmentOptions moves;
    moves.rotate_degrees = turn;
    moves.gamma = moves.noise = 0;
    moves.elastic = 0.04;
    moves.flip_rows = 0.5;
    const TrainBatch varied = Run(moves);
    EXPECT_LE(Apart(varied), 0.002) << turn;
    EXPECT_GT(varied.masks.mean().item<double>(), 0.05);
    EXPECT_GT(Largest(varied.masks[0] - varied.masks[1]), 0.5);  // each its own
  }
}

TEST_F(DiscTest, ElasticMovesWithinItsStrength) {
  AugmentOptions options = Nothing();
  options.elastic = 0.05;
  const TrainBatch varied = Run(options);
  const auto moved = (varied.masks.squeeze(1) - masks_.to(torch::kFloat32)).abs();
  EXPECT_GT(moved.sum().item<double>(), 50);
  // Far from the edge of the disc, farther than cubics overshoot, nothing has changed.
  const auto place = torch::arange(kSide, torch::kFloat32);
  const auto radius = ((place.view({-1, 1}) - 24).square() + (place - 36).square()).sqrt();
  const double reach = 1.5 * std::sqrt(2.0) * options.elastic * kSide;
  EXPECT_EQ((moved * ((radius - 15).abs() > reach)).sum().item<double>(), 0);
}

TEST_F(DiscTest, ZoomChangesTheAreaAsMuchAsItSays) {
  AugmentOptions options = Nothing();
  options.zoom = 0.25;
  const auto areas = Run(options).masks.sum({1, 2, 3}) / Area();
  EXPECT_GE(areas.min().item<double>(), 0.75 * 0.75 - 0.03);
  EXPECT_LE(areas.max().item<double>(), 1 / (0.75 * 0.75) + 0.03);
  EXPECT_GT((areas.max() - areas.min()).item<double>(), 0.2);
}

TEST_F(DiscTest, RotationAndShiftKeepTheArea) {
  AugmentOptions options = Nothing();
  options.rotate_degrees = 30;
  const auto turned = Run(options);
  EXPECT_LE(Largest(turned.masks.sum({1, 2, 3}) / Area() - 1), 0.03);
  options.rotate_degrees = 0;
  options.shift = 0.1;
  const auto shifted = Run(options);
  EXPECT_LE(Largest(shifted.masks.sum({1, 2, 3}) / Area() - 1), 0.04);
  const auto place = torch::arange(kSide, torch::kFloat32).view({1, 1, 1, -1});
  const auto middle = (shifted.masks * place).sum({1, 2, 3}) / shifted.masks.sum({1, 2, 3});
  EXPECT_LE(Largest(middle - 36), 0.1 * kSide + 0.5);
  EXPECT_GT(Largest(middle - 36), 1);
}

// What comes into view from beyond the edge is what lies at the edge, also after large turns.
TEST_F(DiscTest, NoForeignBorders) {
  // White but for one dark pixel in the middle, so that the z-score shows a foreign grey.
  auto white = torch::full({kCount, 1, kSide, kSide}, 200, torch::kUInt8);
  white.narrow(2, 32, 1).narrow(3, 32, 1).fill_(0);
  const auto all = torch::ones({kCount, kSide, kSide}, torch::kUInt8);
  for (const double turn : {10.0, 180.0}) {
    AugmentOptions options;
    options.gamma = options.noise = 0;
    options.rotate_degrees = turn;
    InputSpec spec;
    spec.side_px = kSide;
    const TrainBatch varied =
        Augment(white, all, torch::zeros({kCount, 6}), torch::arange(kCount), spec, options);
    EXPECT_TRUE((varied.masks == 1).all().item<bool>()) << turn;
    const auto image = varied.images.select(1, 0);
    const auto foreign = (image < image.amax({1, 2}, true) - 1e-3).sum({1, 2});
    EXPECT_LE(foreign.max().item<int64_t>(), 16) << turn;  // around the dark pixel
  }
}

TEST_F(DiscTest, LightLeavesPlacesAlone) {
  AugmentOptions options = Nothing();
  options.gamma = 0.5;
  options.noise = 0.05;
  options.colour = 0.3;
  const TrainBatch varied = Run(options, 3);
  const TrainBatch plain = Run(Nothing(), 3);
  EXPECT_TRUE(varied.masks.equal(plain.masks));
  EXPECT_GT(Largest(varied.images - plain.images), 0.05);
  EXPECT_LE(Apart(varied), 0.01);
}

TEST_F(DiscTest, ColourIsForColourImages) {
  AugmentOptions options = Nothing();
  options.colour = 0.5;
  EXPECT_LE(Largest(Run(options, 1).images - Run(Nothing(), 1).images), 1e-4);
  torch::manual_seed(1);
  const auto pictures = torch::randint(0, 256, {kCount, 3, kSide, kSide}, torch::kUInt8);
  InputSpec spec;
  spec.side_px = kSide;
  const TrainBatch varied =
      Augment(pictures, masks_, torch::zeros({kCount, 6}), torch::arange(kCount), spec, options);
  const TrainBatch plain =
      Plain(pictures, masks_, torch::zeros({kCount, 6}), torch::arange(kCount));
  EXPECT_GT(Largest(varied.images - plain.images), 0.1);  // not only gains, which vanish
  EXPECT_LE(Largest(varied.images.mean({2, 3})), 1e-4);
}

TEST_F(DiscTest, ErasesARectangleInTheShareOfImages) {
  AugmentOptions options = Nothing();
  options.erase = 1;
  const auto pictures = torch::arange(kSide).to(torch::kUInt8).expand({kCount, 1, kSide, kSide});
  InputSpec spec;
  spec.side_px = kSide;
  const auto zones = torch::zeros({kCount, 6});
  const auto rows = torch::arange(kCount);
  const auto changed = [&] {
    const auto erased = Augment(pictures, masks_, zones, rows, spec, options);
    const auto plain = Plain(pictures, masks_, zones, rows);
    EXPECT_TRUE(erased.masks.equal(plain.masks));
    // The z-score is taken after: undo it, by what the ramp's ends must be.
    const auto x = erased.images.select(1, 0);
    const auto difference = (x.narrow(2, 1, kSide - 1) - x.narrow(2, 0, kSide - 1));
    const auto usual = std::get<0>(difference.flatten(1).median(1)).view({-1, 1, 1});
    return ((difference / usual - 1).abs() > 0.05).flatten(1).sum(1);
  };
  const auto all = changed();
  EXPECT_GE((all > 0).sum().item<int64_t>(), kCount - 1);
  EXPECT_LE(all.max().item<int64_t>(), static_cast<int64_t>(0.42 * 0.42 * kSide * kSide) + kSide);
  options.erase = 1e-9;
  EXPECT_EQ(changed().sum().item<int64_t>(), 0);
}

TEST_F(DiscTest, SeedDecidesEverything) {
  AugmentOptions options;
  options.elastic = 0.03;
  options.flip_rows = options.erase = 0.5;
  options.colour = 0.2;
  for (const bool published : {false, true}) {
    options.reference_zoom = published;
    torch::manual_seed(9);
    const TrainBatch once = Run(options, 3);
    torch::manual_seed(9);
    const TrainBatch again = Run(options, 3);
    EXPECT_TRUE(again.images.equal(once.images));
    EXPECT_TRUE(again.masks.equal(once.masks));
  }
}

}  // namespace
}  // namespace lingula
