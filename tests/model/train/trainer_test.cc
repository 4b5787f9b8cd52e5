#include "model/train/trainer.h"

#include <cmath>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "model/backend/load_engine.h"
#include "model/backend/weights.h"
#include "model/base/file.h"
#include "model/train/recipe.h"
#include "model/train/run_folder.h"
#include "model/train/sgseg_learner.h"
#include "tests/model/backend/made_bundle.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/model/train/tiny_data.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;

class TrainerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { torch::set_num_threads(1); }

  TrainOptions Options(const std::string& out) const {
    TrainOptions options;
    options.bf16 = false;
    options.seed = 5;
    options.out = folder_.path() + "/" + out;
    return options;
  }
  absl::Status Run(const TrainOptions& options) const {
    return Train(recipe_, SgsegLearner::Make, data_, data_, options);
  }
  std::string Bytes(const std::string& file) const {
    return ReadFile(folder_.path() + "/" + file).value();
  }
  std::string Note(const std::string& out, const std::string& key) const {
    return SafeTensors::Open(folder_.path() + "/" + out + "/" + kLastFile)->metadata().at(key);
  }
  // The log without the columns about time.
  std::vector<std::string> Log(const std::string& out) const {
    std::vector<std::string> rows;
    for (const auto row : absl::StrSplit(Bytes(out + "/log.csv"), '\n', absl::SkipEmpty())) {
      const std::vector<std::string> cells = absl::StrSplit(row, ',');
      rows.push_back(absl::StrJoin(cells.begin(), cells.end() - 2, ","));
    }
    return rows;
  }

  train::v1::Recipe recipe_ = test::TinyRecipe(test::TinyManifest());
  const ImageCache data_ = test::TinyData();
  const test::TempFolder folder_;
};

TEST_F(TrainerTest, ResumedRunEqualsAnUninterruptedOne) {
  recipe_.mutable_augmentation()->set_zoom(0.2);
  recipe_.mutable_augmentation()->set_flip(0.5);
  recipe_.mutable_augmentation()->set_noise(0.05);
  recipe_.mutable_sgseg()->set_contrastive_steps(2);  // some parameters begin later than others
  ASSERT_THAT(Run(Options("whole")), IsOk());

  TrainOptions options = Options("parts");  // epochs have three steps
  for (const int64_t stop : {1, 3, 5, 7, 0}) {
    options.stop_after = stop;
    ASSERT_THAT(Run(options), IsOk());
    EXPECT_EQ(std::filesystem::exists(options.out + "/tiny"), stop == 0);
    options.resume = true;
  }

  // Weights, averages, moments and counters, to the bit.
  EXPECT_EQ(Bytes("parts/last.safetensors"), Bytes("whole/last.safetensors"));
  EXPECT_EQ(Bytes("parts/best.safetensors"), Bytes("whole/best.safetensors"));
  EXPECT_EQ(Log("parts"), Log("whole"));
  for (const char* file : {kWeightsFile, kReportsFile, kGoldenFile, kManifestFile, kCardFile}) {
    EXPECT_EQ(Bytes(std::string("parts/tiny/3/") + file),
              Bytes(std::string("whole/tiny/3/") + file))
        << file;
  }
}

TEST_F(TrainerTest, SeedsDecideEverything) {
  TrainOptions options = Options("a");
  options.stop_after = 2;
  ASSERT_THAT(Run(options), IsOk());
  options.out += "2";
  ASSERT_THAT(Run(options), IsOk());
  EXPECT_EQ(Bytes("a/last.safetensors"), Bytes("a2/last.safetensors"));
  options.out += "3";
  options.seed = 6;
  ASSERT_THAT(Run(options), IsOk());
  EXPECT_NE(Bytes("a/last.safetensors"), Bytes("a23/last.safetensors"));
}

TEST_F(TrainerTest, WritesABundleThatLoads) {
  const TrainOptions options = Options("out");
  ASSERT_THAT(Run(options), IsOk());
  const auto bundle = OpenBundle(options.out + "/tiny/3");
  ASSERT_THAT(bundle, IsOk());
  EXPECT_THAT(LoadEngine(*bundle, EngineOptions{Precision::kFloat32}).status(), IsOk());
  EXPECT_THAT(bundle->card, HasSubstr("tiny, version 3"));
  EXPECT_THAT(bundle->card, HasSubstr("viewer's"));
  EXPECT_EQ(Log("out").at(0),
            "epoch,step,loss,mask_dice,mask_pooled_dice,mask_entropy,zone_entropy,coarse_entropy,"
            "contrastive,train_dice,dice,dice_withheld,zone_accuracy");
  EXPECT_THAT(Log("out").at(3), testing::StartsWith("3,9,"));
  EXPECT_THAT(Bytes("out/curve.png"), testing::StartsWith("\x89PNG"));
  // The weights that are served are the averaged ones of the best epoch.
  const auto best = SafeTensors::Open(options.out + "/best.safetensors");
  ASSERT_THAT(best, IsOk());
  const auto served = ToTensor(bundle->weights.Get("detector.fc.bias").value());
  const auto kept = ToTensor(best->Get("average/net.detector.fc.bias").value());
  EXPECT_TRUE(served->equal(*kept));
}

TEST_F(TrainerTest, LearnsEightPictures) {
  recipe_.mutable_schedule()->set_epochs(40);
  recipe_.mutable_schedule()->set_batch(4);
  recipe_.mutable_schedule()->set_rate(1e-2);
  recipe_.mutable_schedule()->set_encoder_rate(3e-3);
  recipe_.mutable_schedule()->set_average(0.5);
  ASSERT_THAT(Run(Options("out")), IsOk());
  EXPECT_GT(std::stod(Note("out", "best")), 0.8);
}

TEST_F(TrainerTest, EndsEarlyWhenNothingGetsBetter) {
  train::v1::Schedule& schedule = *recipe_.mutable_schedule();
  schedule.set_epochs(50);
  schedule.set_patience(2);
  schedule.set_rate(1e-12);  // nothing changes, so the first epoch stays the best
  schedule.set_encoder_rate(0);
  schedule.set_average(0);
  schedule.set_batch(8);
  schedule.set_selection(train::v1::SELECTION_TRAINING_ACCURACY_AND_DICE);
  recipe_.mutable_sgseg()->set_truth_share(1);
  recipe_.mutable_sgseg()->set_withheld_share(0);
  const TrainOptions options = Options("out");
  ASSERT_THAT(Run(options), IsOk());
  EXPECT_LT(std::stoi(Note("out", "step")), 50);
  EXPECT_EQ(std::stoi(Note("out", "step")), std::stoi(Note("out", "best_step")) + 2);
  EXPECT_TRUE(std::filesystem::exists(options.out + "/tiny/3/manifest.textproto"));
}

// The published program in miniature: no average, one rate a epoch, contrastive steps, an RT-DETR.
TEST_F(TrainerTest, FollowsTheReference) {
  const auto published = ReadRecipe("model/recipes/sgseg-reference.textproto").value();
  *recipe_.mutable_schedule() = published.schedule();
  recipe_.mutable_schedule()->set_batch(4);
  *recipe_.mutable_augmentation() = published.augmentation();
  *recipe_.mutable_losses() = published.losses();
  recipe_.mutable_sgseg()->set_truth_share(1);
  recipe_.mutable_sgseg()->set_withheld_share(0);
  recipe_.mutable_sgseg()->set_contrastive_steps(1);
  bundle::v1::RtDetr& rtdetr = *recipe_.mutable_bundle()->mutable_sgseg()->mutable_rtdetr();
  rtdetr.set_backbone_width(0.25);
  rtdetr.set_hidden(16);
  rtdetr.set_queries(10);
  rtdetr.set_layers(1);
  rtdetr.set_heads(2);
  rtdetr.set_points(2);
  rtdetr.set_feed_forward(16);
  rtdetr.set_classes(4);
  TrainOptions options = Options("out");
  options.stop_after = 2;  // one epoch
  ASSERT_THAT(Run(options), IsOk());
  const auto last = SafeTensors::Open(options.out + "/last.safetensors");
  ASSERT_THAT(last, IsOk());
  EXPECT_EQ(last->tensors().count("average/net.detector.fc.bias"), 0U);
  EXPECT_EQ(last->tensors().count("model/net.detector.fc.bias"), 1U);
  const std::vector<std::string> row = absl::StrSplit(Log("out").at(1), ',');
  EXPECT_NE(row[3], "");  // Dice of the mask, from the second step
  EXPECT_EQ(row[5], "");  // no cross-entropy
  EXPECT_NE(row[8], "");  // the contrastive loss of the first step
}

TEST_F(TrainerTest, RefusesToGoOnFromSomethingElse) {
  TrainOptions options = Options("out");
  options.resume = true;
  EXPECT_THAT(Run(options), StatusIs(absl::StatusCode::kNotFound, HasSubstr("last.safetensors")));
  options.resume = false;
  options.stop_after = 1;
  ASSERT_THAT(Run(options), IsOk());
  EXPECT_THAT(Run(options), StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("--resume")));
  options.resume = true;
  options.seed = 8;
  EXPECT_THAT(Run(options), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("seed 5")));
  options.seed = 5;
  recipe_.mutable_schedule()->set_epochs(9);
  EXPECT_THAT(Run(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("another recipe")));
  test::Put(options.out + "/last.safetensors", "something else entirely");
  EXPECT_THAT(Run(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("last.safetensors")));
}

TEST_F(TrainerTest, RefusesAFolderThatCannotBeWritten) {
  test::Put(folder_.path() + "/file", "");
  EXPECT_THAT(Run(Options("file/out")),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("cannot be made")));
}

TEST_F(TrainerTest, RefusesDataWithoutZones) {
  ImageCache some = test::TinyData();
  some.has_zones[3] = false;
  some.files[3] = "third.png";
  EXPECT_THAT(Train(recipe_, SgsegLearner::Make, some, data_, Options("a")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("third.png")));
  EXPECT_THAT(Train(recipe_, SgsegLearner::Make, data_, some, Options("b")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("third.png")));
}

TEST_F(TrainerTest, NamesAStepThatGoesAstray) {
  ImageCache broken = test::TinyData();
  broken.zones.fill_(std::nanf(""));
  EXPECT_THAT(Train(recipe_, SgsegLearner::Make, broken, data_, Options("out")),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("loss of step 1 is nan")));
}

}  // namespace
}  // namespace lingula
