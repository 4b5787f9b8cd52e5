// Checkpoints, logs and names of devices.
#include <gmock/gmock.h>

#include "model/base/file.h"
#include "model/train/checkpoint.h"
#include "model/train/device.h"
#include "model/train/epoch_log.h"
#include "model/train/sgseg_learner.h"
#include "model/train/weights_in_training.h"
#include "tests/model/backend/made_bundle.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(CheckpointTest, KeepsCountersToTheBit) {
  const test::TempFolder folder;
  const std::string path = folder.path() + "/last.safetensors";
  const auto recipe = test::TinyRecipe(test::TinyManifest());
  const auto learner = SgsegLearner::Make(recipe).value();
  const auto optimizer = MakeOptimizer(recipe.schedule(), *learner);
  TrainState state;
  state.step = 7;
  state.best = 1.0 / 3;
  state.best_step = 6;
  state.sums = {0.1, 1e-300, 12345678.9};
  const RunIdentity run{"digest", 5, 8};
  ASSERT_THAT(SaveCheckpoint(path, run, *learner, *learner, *optimizer, state), IsOk());
  TrainState read;
  ASSERT_THAT(LoadCheckpoint(path, run, *learner, *learner, *optimizer, read), IsOk());
  EXPECT_EQ(read.step, 7);
  EXPECT_EQ(read.best, 1.0 / 3);
  EXPECT_EQ(read.best_step, 6);
  EXPECT_EQ(read.sums, state.sums);
  const RunIdentity less{"digest", 5, 7};
  EXPECT_THAT(LoadCheckpoint(path, less, *learner, *learner, *optimizer, read),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("images 8, not 7")));
}

TEST(EpochLogTest, GoesOnFromTheCheckpoint) {
  const test::TempFolder folder;
  auto log = EpochLog::Open(folder.path(), {"a"}, 0);
  ASSERT_THAT(log, IsOk());
  ASSERT_THAT(log->Add({{"epoch", 1}, {"step", 3}, {"loss", 0.5}, {"dice", 0.25}}), IsOk());
  ASSERT_THAT(log->Add({{"epoch", 2}, {"step", 6}, {"a", 1}}), IsOk());
  const std::string head =
      "epoch,step,loss,a,train_dice,dice,dice_withheld,zone_accuracy,images_per_second,"
      "data_share\n1,3,0.50000,,,0.25000,,,,\n";
  EXPECT_EQ(ReadFile(folder.path() + "/log.csv").value(), head + "2,6,,1.00000,,,,,,\n");
  EXPECT_THAT(ReadFile(folder.path() + "/curve.png").value(), testing::StartsWith("\x89PNG"));
  // The second row is younger than the checkpoint.
  log = EpochLog::Open(folder.path(), {"a"}, 5);
  ASSERT_THAT(log, IsOk());
  ASSERT_THAT(log->Add({{"epoch", 2}, {"step", 6}}), IsOk());
  EXPECT_EQ(ReadFile(folder.path() + "/log.csv").value(), head + "2,6,,,,,,,,\n");
  EXPECT_THAT(EpochLog::Open(folder.path(), {"b"}, 5).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("other columns")));
}

TEST(DeviceTest, NamesOfDevices) {
  EXPECT_EQ(DeviceNamed("cpu").value(), torch::Device(torch::kCPU));
  for (const char* name : {"", "gpu", "cuda:", "cuda:x", "cuda1", "cuda:-1"}) {
    EXPECT_THAT(DeviceNamed(name).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("must be cpu, cuda")))
        << name;
  }
  if (!torch::cuda::is_available()) {
    EXPECT_THAT(DeviceNamed("cuda:0").status(),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no CUDA device")));
  }
  EXPECT_THAT(DeviceNamed("cuda:99").status(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace lingula
