#include "model/calibration/trust.h"

#include <gmock/gmock.h>

#include "tests/model/bundle/bundle_files.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;

// A calibration that knows of soft Dice s only: expected Dice is s / 2, within 0.1.
bundle::v1::Calibration HalfOfSoftDice() {
  DiceMap map;
  map.terms = {{TrustTerm::kSoftDice, 0.5, 0.25, 0.125}};
  map.offset = 0.25;
  map.points = {{0, 0}, {0.5, 0.5}};
  map.intervals = {{1, 0.1, 0.1}};
  bundle::v1::Calibration calibration;
  PutInto(map, calibration);
  calibration.set_coverage(0.9);
  return calibration;
}

void AddOutliers(bundle::v1::Calibration& calibration) {
  for (int i = 0; i <= 20; ++i) {
    calibration.mutable_outliers()->add_quantiles(i / 10.0);
  }
  calibration.mutable_outliers()->set_threshold(1.9);
}

class TrustTest : public testing::Test {
 protected:
  // The small bundle with this calibration, opened as a server does.
  absl::StatusOr<Bundle> Opened(const bundle::v1::Calibration& calibration,
                                const FeatureCloud& cloud = {{1, 2}, {1, 1}, {1, 0, 0, 1}}) const {
    const std::string folder = folder_.Sub("tiny/3");
    test::WriteSmallBundle(folder);
    bundle::v1::Manifest manifest = test::SmallManifest();
    *manifest.mutable_calibration() = calibration;
    if (calibration.has_outliers()) {
      EXPECT_THAT(WriteCloud(cloud, folder), IsOk());
    }
    const absl::Status status = WriteManifest(folder, manifest, FilesOf(manifest));
    return status.ok() ? OpenBundle(folder) : absl::StatusOr<Bundle>(status);
  }

  const test::TempFolder folder_;
};

Prediction Flat(float p) {
  Prediction prediction;
  prediction.probabilities.assign(32 * 32, p);
  return prediction;
}

MaskSums SumsOf(double p, int64_t foreground) {
  MaskSums sums;
  sums.pixels = 100;
  sums.foreground = foreground;
  sums.probability = p * 100;
  sums.probability_in_mask = p * static_cast<double>(foreground);
  return sums;
}

TEST_F(TrustTest, ABundleMayHaveNone) {
  const std::string folder = folder_.Sub("tiny/3");
  test::WriteSmallBundle(folder);
  const auto bundle = OpenBundle(folder);
  ASSERT_THAT(bundle, IsOk());
  const auto calibration = Calibration::Load(*bundle);
  ASSERT_THAT(calibration, IsOk());
  EXPECT_FALSE(calibration->has_value());
  const Trust trust = TrustIn(nullptr, Flat(0.75F), SumsOf(0.75, 100), {0.5F, true, false});
  EXPECT_NEAR(*trust.expected_dice, 150.0 / 175, 1e-9);
  EXPECT_FALSE(trust.calibrated);
  EXPECT_FALSE(trust.outlyingness.has_value());
}

TEST_F(TrustTest, TheMapIsAppliedWhereItHolds) {
  const auto bundle = Opened(HalfOfSoftDice());
  ASSERT_THAT(bundle, IsOk());
  const auto calibration = Calibration::Load(*bundle);
  ASSERT_THAT(calibration, IsOk());
  const Calibration& known = **calibration;
  EXPECT_EQ(known.coverage(), 0.9);
  const double soft = 150.0 / 175;
  Trust trust = TrustIn(&known, Flat(0.75F), SumsOf(0.75, 100), {0.5F, true, false});
  EXPECT_TRUE(trust.calibrated);
  EXPECT_NEAR(*trust.expected_dice, soft / 2, 1e-9);
  EXPECT_NEAR(trust.low, soft / 2 - 0.1, 1e-9);
  EXPECT_NEAR(trust.high, soft / 2 + 0.1, 1e-9);
  EXPECT_FALSE(trust.outlyingness.has_value());
  trust = TrustIn(&known, Flat(0.75F), SumsOf(0.75, 100), {0.4F, false, false});
  EXPECT_FALSE(trust.calibrated);
  EXPECT_NEAR(*trust.expected_dice, soft, 1e-9);
  trust = TrustIn(&known, Flat(0.25F), SumsOf(0.25, 0), {0.5F, true, false});
  EXPECT_FALSE(trust.expected_dice.has_value());
}

TEST_F(TrustTest, DistancesComeFromTheBundle) {
  bundle::v1::Calibration wanted = HalfOfSoftDice();
  AddOutliers(wanted);
  const auto bundle = Opened(wanted);
  ASSERT_THAT(bundle, IsOk());
  const auto calibration = Calibration::Load(*bundle);
  ASSERT_THAT(calibration, IsOk());
  Prediction prediction = Flat(0.25F);
  prediction.features = {2, 3};  // one away in each of two
  Trust trust = TrustIn(&**calibration, prediction, SumsOf(0.25, 0), {0.5F, true, false});
  ASSERT_TRUE(trust.outlyingness.has_value());
  EXPECT_NEAR(trust.outlyingness->distance, 1, 1e-6);
  EXPECT_NEAR(trust.outlyingness->percentile, 0.5, 1e-6);
  EXPECT_FALSE(trust.outlyingness->outside);
  prediction.features = {4, 5};
  trust = TrustIn(&**calibration, prediction, SumsOf(0.25, 0), {0.5F, true, false});
  EXPECT_TRUE(trust.outlyingness->outside);
  EXPECT_EQ(trust.outlyingness->percentile, 1);
  prediction.features = {4};  // another encoder's
  EXPECT_FALSE(TrustIn(&**calibration, prediction, SumsOf(0.25, 0), {}).outlyingness.has_value());
}

TEST_F(TrustTest, PresenceAndConflictComeFromTheBundle) {
  bundle::v1::Calibration wanted = HalfOfSoftDice();
  wanted.mutable_presence()->set_slope(1);
  wanted.mutable_conflict()->set_below(0.4);
  const auto bundle = Opened(wanted);
  ASSERT_THAT(bundle, IsOk());
  const auto calibration = Calibration::Load(*bundle);
  ASSERT_THAT(calibration, IsOk());
  MaskSums sums = SumsOf(0.75, 100);
  sums.max_probability = 0.75F;
  Asked asked;
  asked.guided_by = WeightsOf(ZoneBits(0b000111));  // half of the picture
  Trust trust = TrustIn(&**calibration, Flat(0.75F), sums, asked);
  EXPECT_NEAR(trust.presence.value(), 0.75, 1e-6);
  EXPECT_NEAR(trust.agreement.value(), 0.5, 1e-6);
  EXPECT_FALSE(trust.conflict);
  EXPECT_EQ(trust.components, 1);
  asked.guided_by = WeightsOf(ZoneBits(0b000001));  // 0.36 of that half
  EXPECT_TRUE(TrustIn(&**calibration, Flat(0.75F), sums, asked).conflict);
  EXPECT_FALSE(TrustIn(nullptr, Flat(0.75F), sums, asked).conflict) << "no data, no rule";
  asked.guided_by.reset();
  EXPECT_FALSE(TrustIn(&**calibration, Flat(0.75F), sums, asked).agreement.has_value());
  asked.as_calibrated = false;
  EXPECT_FALSE(TrustIn(&**calibration, Flat(0.75F), sums, asked).presence.has_value());
  const Trust empty = TrustIn(&**calibration, Flat(0.25F), SumsOf(0.25, 0), Asked());
  EXPECT_TRUE(empty.presence.has_value());
  EXPECT_EQ(empty.components, 0);
}

TEST_F(TrustTest, BadCalibrationsAreRefused) {
  bundle::v1::Calibration unknown = HalfOfSoftDice();
  unknown.mutable_terms(0)->set_name("weather");
  const auto bundle = Opened(unknown);
  ASSERT_THAT(bundle, IsOk());
  EXPECT_THAT(Calibration::Load(*bundle).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"weather\"")));
  bundle::v1::Calibration with_outliers = HalfOfSoftDice();
  AddOutliers(with_outliers);
  const auto flat = Opened(with_outliers, {{1, 2}, {1, 0}, {1, 0, 0, 1}});
  ASSERT_THAT(flat, IsOk());
  EXPECT_THAT(Calibration::Load(*flat).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not above 0")));
}

TEST_F(TrustTest, TheManifestIsChecked) {
  const auto refused = [&](const char* why, void (*spoil)(bundle::v1::Calibration&)) {
    bundle::v1::Calibration calibration = HalfOfSoftDice();
    AddOutliers(calibration);
    spoil(calibration);
    EXPECT_THAT(Opened(calibration).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(why)));
  };
  using C = bundle::v1::Calibration;
  refused("calibration.coverage: must be in (0, 1), got 1", [](C& c) { c.set_coverage(1); });
  refused("calibration.terms[0].scale: must be above 0",
          [](C& c) { c.mutable_terms(0)->set_scale(0); });
  refused("calibration.points: needs at least one", [](C& c) { c.clear_points(); });
  refused("calibration.points[1].dice: must not fall",
          [](C& c) { c.mutable_points(0)->set_dice(0.9); });
  refused("calibration.points[1].sum: must be above the one before",
          [](C& c) { c.mutable_points(1)->set_sum(-1); });
  refused("calibration.points[0].dice: must be in [0, 1]",
          [](C& c) { c.mutable_points(0)->set_dice(-0.1); });
  refused("calibration.intervals: the last one's up_to must be 1",
          [](C& c) { c.mutable_intervals(0)->set_up_to(0.9); });
  refused("calibration.intervals[0].below: must be in [0, 1]",
          [](C& c) { c.mutable_intervals(0)->set_below(2); });
  refused("calibration.outliers.quantiles: must be 21",
          [](C& c) { c.mutable_outliers()->add_quantiles(9); });
  refused("calibration.outliers.quantiles[3]: must be finite and not fall",
          [](C& c) { c.mutable_outliers()->set_quantiles(3, 0); });
  refused("calibration.outliers.threshold: must be above 0",
          [](C& c) { c.mutable_outliers()->set_threshold(0); });
}

TEST_F(TrustTest, TheOutliersFileMustFit) {
  bundle::v1::Calibration calibration = HalfOfSoftDice();
  AddOutliers(calibration);
  ASSERT_THAT(Opened(calibration), IsOk());
  const std::string folder = folder_.Sub("tiny/3");
  bundle::v1::Manifest manifest = test::SmallManifest();
  *manifest.mutable_calibration() = calibration;
  const auto with = [&](const TensorMap& tensors) {
    EXPECT_THAT(WriteSafeTensors(folder + "/" + kOutliersFile, tensors), IsOk());
    EXPECT_THAT(WriteManifest(folder, manifest, FilesOf(manifest)), IsOk());
    return OpenBundle(folder).status();
  };
  EXPECT_THAT(with({{"mean", test::Zeros({3})}, {"scale", test::Zeros({3})}}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("whitening")));
  EXPECT_THAT(
      with({{"mean", test::Zeros({3})},
            {"scale", test::Zeros({3})},
            {"whitening", test::Zeros({3, 2})}}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"whitening\" must be F32 [3, 3]")));
}

}  // namespace
}  // namespace lingula
