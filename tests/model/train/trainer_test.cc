#include "model/train/trainer.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>

#include "model/backend/load_engine.h"
#include "model/backend/weights.h"
#include "model/base/file.h"
#include "model/train/learner.h"
#include "tests/model/backend/made_bundle.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;

// Eight noisy 64-pixel pictures, each with a bright square in another place: the mask. Zone 0 holds
// the ones on the left.
ImageCache MakeData() {
  torch::manual_seed(17);
  ImageCache data;
  data.images = torch::randint(0, 80, {8, 1, 64, 64}, torch::kUInt8);
  data.masks = torch::zeros({8, 64, 64}, torch::kUInt8);
  data.zones = torch::zeros({8, 6});
  for (int64_t i = 0; i < 8; ++i) {
    const int64_t x = 4 + 5 * i, y = 8 + 9 * (i % 4);
    data.masks[i].narrow(0, x, 20).narrow(1, y, 20).fill_(1);
    data.images[i][0].narrow(0, x, 20).narrow(1, y, 20).add_(150);
    data.zones[i][x < 22 ? 0 : 3] = 1;
  }
  return data;
}

class TrainerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { torch::set_num_threads(1); }

  TrainOptions Options(const std::string& out) const {
    TrainOptions options;
    options.epochs = 3;
    options.batch = 3;  // the last of three steps gets two images
    options.warmup_steps = 2;
    options.bf16 = false;
    options.seed = 5;
    options.out = folder_.Sub(out);
    return options;
  }
  absl::Status Run(const TrainOptions& options) const {
    return Train(manifest_, data_, data_, options);
  }
  std::string Bytes(const std::string& file) const {
    return ReadFile(folder_.path() + "/" + file).value();
  }

  const bundle::v1::Manifest manifest_ = test::TinyManifest();
  const ImageCache data_ = MakeData();
  const test::TempFolder folder_;
};

TEST_F(TrainerTest, ResumedRunEqualsAnUninterruptedOne) {
  ASSERT_THAT(Run(Options("whole")), IsOk());

  TrainOptions options = Options("parts");
  options.stop_after = 1;
  ASSERT_THAT(Run(options), IsOk());
  EXPECT_FALSE(std::filesystem::exists(options.out + "/tiny"));  // no bundle yet
  EXPECT_NE(Bytes("parts/last.safetensors"), Bytes("whole/last.safetensors"));
  options.resume = true;
  options.stop_after = 2;
  ASSERT_THAT(Run(options), IsOk());
  options.stop_after = 0;
  ASSERT_THAT(Run(options), IsOk());

  // Weights, averages, moments and counters, to the bit.
  EXPECT_EQ(Bytes("parts/last.safetensors"), Bytes("whole/last.safetensors"));
  EXPECT_EQ(Bytes("parts/best.safetensors"), Bytes("whole/best.safetensors"));
  EXPECT_EQ(Bytes("parts/log.csv"), Bytes("whole/log.csv"));
  for (const char* file : {kWeightsFile, kReportsFile, kGoldenFile, kManifestFile, kCardFile}) {
    EXPECT_EQ(Bytes(std::string("parts/tiny/3/") + file),
              Bytes(std::string("whole/tiny/3/") + file))
        << file;
  }
}

TEST_F(TrainerTest, SeedsDecideEverything) {
  TrainOptions options = Options("a");
  options.stop_after = 1;
  ASSERT_THAT(Run(options), IsOk());
  options.out = folder_.Sub("b");
  options.seed = 6;
  ASSERT_THAT(Run(options), IsOk());
  EXPECT_NE(Bytes("a/last.safetensors"), Bytes("b/last.safetensors"));
}

TEST_F(TrainerTest, WritesABundleThatLoads) {
  TrainOptions options = Options("out");
  ASSERT_THAT(Run(options), IsOk());
  const auto bundle = OpenBundle(options.out + "/tiny/3");
  ASSERT_THAT(bundle, IsOk());
  EXPECT_THAT(LoadEngine(*bundle, EngineOptions{Precision::kFloat32}).status(), IsOk());
  EXPECT_THAT(bundle->card, HasSubstr("tiny, version 3"));
  EXPECT_THAT(bundle->card, HasSubstr("viewer's"));
  EXPECT_THAT(Bytes("out/log.csv"),
              HasSubstr("epoch,step,loss,dice,dice_withheld,zone_accuracy\n1,3,"));
  // The weights that are served are the averaged ones of the best epoch.
  Learner learner(manifest_);
  const auto best = SafeTensors::Open(options.out + "/best.safetensors");
  ASSERT_THAT(best, IsOk());
  ASSERT_THAT(LoadState(*learner, *best, "average/"), IsOk());
  const auto bias = ToTensor(bundle->weights.Get("detector.fc.bias").value());
  ASSERT_THAT(bias, IsOk());
  EXPECT_TRUE(bias->equal(StateOf(*learner)["net.detector.fc.bias"]));
}

TEST_F(TrainerTest, LearnsEightPictures) {
  TrainOptions options = Options("out");
  options.epochs = 40;
  options.batch = 4;
  options.rate = 1e-2;
  options.encoder_rate = 3e-3;
  options.ema = 0.5;
  options.augment = AugmentOptions{0, 0, 0, 0, 0, 0};
  ASSERT_THAT(Run(options), IsOk());
  const auto best = SafeTensors::Open(options.out + "/last.safetensors");
  ASSERT_THAT(best, IsOk());
  EXPECT_GT(std::stod(best->metadata().at("best_dice")), 0.8);
}

TEST_F(TrainerTest, RefusesToResumeFromNothing) {
  TrainOptions options = Options("out");
  options.resume = true;
  EXPECT_THAT(Run(options), StatusIs(absl::StatusCode::kNotFound, HasSubstr("last.safetensors")));
}

TEST_F(TrainerTest, RefusesACheckpointOfAnotherNetwork) {
  TrainOptions options = Options("out");
  options.stop_after = 1;
  ASSERT_THAT(Run(options), IsOk());
  options.resume = true;
  bundle::v1::Manifest other = manifest_;
  other.mutable_sgseg()->mutable_location()->set_dim(32);
  EXPECT_THAT(Train(other, data_, data_, options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("detector")));
}

TEST_F(TrainerTest, RefusesAStartThatIsNoTfliteFile) {
  TrainOptions options = Options("out");
  options.start = folder_.path() + "/start.tflite";
  EXPECT_THAT(Run(options), StatusIs(absl::StatusCode::kNotFound, HasSubstr("start.tflite")));
  test::Put(options.start, "something else entirely");
  EXPECT_THAT(Run(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("is not a TFLite model")));
}

TEST(ReportRowsTest, ReadsZonesAsABinaryNumber) {
  const auto zones = torch::tensor({0.9F, 0.0F, 0.0F, 0.0F, 0.0F, 0.5F,  //
                                    0.1F, 0.6F, 0.49F, 0.0F, 1.0F, 0.0F})
                         .view({2, 6});
  EXPECT_TRUE(ReportRows(zones).equal(torch::tensor({int64_t{33}, int64_t{18}})));
}

}  // namespace
}  // namespace lingula
