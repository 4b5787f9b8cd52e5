#include "model/device/device_engine.h"

#include <thread>

#include <gmock/gmock.h>

#include "tests/model/device/fake_runner.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::FakeDevice;
using test::FakeRunner;
using test::IsOk;
using test::StatusIs;

constexpr int kInstances = 2;

class DeviceEngineTest : public testing::Test {
 protected:
  DeviceEngineTest() {
    std::vector<std::unique_ptr<DeviceInstance>> instances;
    for (FakeDevice& device : devices_) {
      DeviceInstance::Options options;
      options.device = "cuda:0";
      options.ways = {GuidanceMode::kGeneratedReport};
      instances.push_back(std::make_unique<DeviceInstance>(std::make_unique<FakeRunner>(device, 2),
                                                           options, board_));
      EXPECT_THAT(instances.back()->WarmUp(), IsOk());
    }
    engine_ = std::make_unique<DeviceEngine>(std::move(instances));
    sample_.pixels.assign(4, 0.5F);
  }
  absl::Status Predict() {
    const Sample* const batch[] = {&sample_};
    return engine_->Predict(batch).front().status();
  }

  FakeDevice devices_[kInstances];
  DeviceBoard board_;
  Sample sample_;
  std::unique_ptr<DeviceEngine> engine_;
};

TEST_F(DeviceEngineTest, ServesSeveralThreadsAtOnce) {
  constexpr int kThreads = 4, kEach = 200;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this] {
      for (int k = 0; k < kEach; ++k) {
        EXPECT_THAT(Predict(), IsOk());
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  size_t runs = 0;
  for (const FakeDevice& device : devices_) {
    runs += device.runs.size();
  }
  EXPECT_EQ(runs, static_cast<size_t>(kThreads * kEach));
}

TEST_F(DeviceEngineTest, ALostInstanceGetsNoMoreWorkWhileAnotherLives) {
  devices_[0].lost = true;
  EXPECT_THAT(Predict(), StatusIs(absl::StatusCode::kUnavailable));
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(Predict(), IsOk());
  }
  EXPECT_EQ(devices_[1].runs.size(), 5U);
}

TEST_F(DeviceEngineTest, WithoutAnyLivingInstanceAllIsAnsweredUnavailable) {
  devices_[0].lost = devices_[1].lost = true;
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(Predict(), StatusIs(absl::StatusCode::kUnavailable));
  }
}

}  // namespace
}  // namespace lingula
