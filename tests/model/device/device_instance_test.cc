#include "model/device/device_instance.h"

#include <gmock/gmock.h>

#include "tests/model/device/fake_runner.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::FakeDevice;
using test::FakeRunner;
using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class DeviceInstanceTest : public testing::Test {
 protected:
  void Start(int max_rows = 8) {
    DeviceInstance::Options options;
    options.device = "cuda:3";
    options.ways = {GuidanceMode::kGeneratedReport, GuidanceMode::kReport, GuidanceMode::kWithheld};
    options.warn = [this](const std::string& what) { warnings_.push_back(what); };
    instance_ = std::make_unique<DeviceInstance>(std::make_unique<FakeRunner>(device_, max_rows),
                                                 options, board_);
  }
  void StartWarm() {
    Start();
    ASSERT_THAT(instance_->WarmUp(), IsOk());
  }
  std::vector<absl::StatusOr<Prediction>> Predict(size_t samples) {
    samples_.assign(samples, Sample());
    for (size_t i = 0; i < samples; ++i) {
      samples_[i].pixels.assign(4, static_cast<float>(i) / 16);
    }
    return PredictSamples();
  }
  std::vector<absl::StatusOr<Prediction>> PredictSamples() {
    std::vector<const Sample*> batch;
    for (const Sample& sample : samples_) {
      batch.push_back(&sample);
    }
    return instance_->Predict(batch);
  }
  int OutOfMemory() const {
    const auto figures = board_.figures();
    return figures.empty() ? 0 : figures.front().out_of_memory;
  }

  FakeDevice device_;
  DeviceBoard board_;
  std::vector<std::string> warnings_;
  std::vector<Sample> samples_;
  std::unique_ptr<DeviceInstance> instance_;
};

void ExpectAllAnswered(const std::vector<absl::StatusOr<Prediction>>& answers) {
  for (size_t i = 0; i < answers.size(); ++i) {
    ASSERT_THAT(answers[i].status(), IsOk()) << i;
    EXPECT_EQ(answers[i]->probabilities.front(), static_cast<float>(i) / 16) << i;
  }
}

TEST_F(DeviceInstanceTest, ABatchRunsInTheSmallestBucketThatHoldsIt) {
  StartWarm();
  EXPECT_THAT(device_.captured, ElementsAre(1, 2, 4, 8));
  ExpectAllAnswered(Predict(1));
  ExpectAllAnswered(Predict(3));
  ExpectAllAnswered(Predict(8));
  EXPECT_THAT(device_.runs, ElementsAre(Pair(1, 1), Pair(4, 3), Pair(8, 8)));
}

TEST_F(DeviceInstanceTest, ABatchLargerThanAnyBucketIsCutUp) {
  StartWarm();
  ExpectAllAnswered(Predict(11));
  EXPECT_THAT(device_.runs, ElementsAre(Pair(8, 8), Pair(4, 3)));
}

TEST_F(DeviceInstanceTest, BucketsThatDoNotFitAreGivenUpAtWarmUp) {
  device_.most_rows = 2;
  StartWarm();
  EXPECT_THAT(device_.captured, ElementsAre(1, 2));
  EXPECT_THAT(instance_->buckets(), ElementsAre(1, 2));
  EXPECT_EQ(OutOfMemory(), 2);
  ExpectAllAnswered(Predict(5));
  EXPECT_THAT(device_.runs, ElementsAre(Pair(2, 2), Pair(2, 2), Pair(1, 1)));
}

TEST_F(DeviceInstanceTest, OutOfMemoryInARunShrinksTheBucketsForGood) {
  StartWarm();
  device_.most_rows = 4;
  ExpectAllAnswered(Predict(8));
  EXPECT_THAT(device_.runs, ElementsAre(Pair(4, 4), Pair(4, 4)));
  EXPECT_THAT(device_.captured, ElementsAre(1, 2, 4));  // the graph's memory is free again
  device_.most_rows = 1000;
  ExpectAllAnswered(Predict(8));
  EXPECT_THAT(device_.runs, SizeIs(4));  // not tried again
  EXPECT_EQ(OutOfMemory(), 1);
  EXPECT_THAT(warnings_, ElementsAre(AllOf(HasSubstr("8 samples"), HasSubstr("pieces of 4"))));
}

TEST_F(DeviceInstanceTest, WhenNotOneSampleFitsItIsRefusedAndTheNextIsTried) {
  StartWarm();
  device_.most_rows = 0;
  for (const auto& answer : Predict(2)) {
    EXPECT_THAT(answer.status(),
                StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("cuda:3 has no memory")));
  }
  device_.most_rows = 1;
  ExpectAllAnswered(Predict(2));
}

TEST_F(DeviceInstanceTest, WarmUpFailsWhenNotOneSampleFits) {
  device_.most_rows = 0;
  Start();
  EXPECT_THAT(instance_->WarmUp(), StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(DeviceInstanceTest, AFailureThatPassesIsNotSeen) {
  StartWarm();
  device_.failures = 1;
  ExpectAllAnswered(Predict(4));
  EXPECT_FALSE(instance_->lost());
}

TEST_F(DeviceInstanceTest, AFailureThatStaysCostsItsOwnRunOnly) {
  StartWarm();
  device_.failures = 2;
  const auto answers = Predict(9);  // runs of 8 and 1
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_THAT(answers[i].status(),
                StatusIs(absl::StatusCode::kInternal, HasSubstr("fake failure")));
  }
  EXPECT_THAT(answers[8].status(), IsOk());
  EXPECT_THAT(board_.health(), IsOk());
}

TEST_F(DeviceInstanceTest, ALostDeviceAnswersUnavailableAndIsNotAskedAgain) {
  std::vector<absl::Status> heard;
  board_.OnLost([&heard](const absl::Status& status) { heard.push_back(status); });
  StartWarm();
  device_.lost = true;
  for (const auto& answer : Predict(11)) {
    EXPECT_THAT(answer.status(), StatusIs(absl::StatusCode::kUnavailable));
  }
  device_.lost = false;
  for (const auto& answer : Predict(1)) {
    EXPECT_THAT(answer.status(), StatusIs(absl::StatusCode::kUnavailable));
  }
  EXPECT_THAT(device_.runs, IsEmpty());
  EXPECT_TRUE(instance_->lost());
  ASSERT_THAT(heard, SizeIs(1));
  EXPECT_THAT(heard[0], StatusIs(absl::StatusCode::kUnavailable,
                                 AllOf(HasSubstr("cuda:3"), HasSubstr("fake loss"))));
}

TEST_F(DeviceInstanceTest, ABadSampleDoesNotFailItsNeighbours) {
  StartWarm();
  samples_.assign(3, Sample());
  samples_[0].pixels.assign(4, 0.0F);
  samples_[1].pixels.assign(5, 0.0F);
  samples_[2].pixels.assign(4, 0.25F);
  const auto answers = PredictSamples();
  EXPECT_THAT(answers[0].status(), IsOk());
  EXPECT_THAT(answers[1].status(), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_THAT(answers[2].status(), IsOk());
  EXPECT_EQ(answers[2]->probabilities.front(), 0.25F);
  EXPECT_THAT(device_.runs, ElementsAre(Pair(2, 2)));
}

TEST_F(DeviceInstanceTest, EachSampleIsGuidedInItsOwnWay) {
  StartWarm();
  samples_.assign(4, Sample());
  for (Sample& sample : samples_) {
    sample.pixels.assign(4, 0.5F);
  }
  samples_[1].guidance = GuidanceMode::kReport;
  samples_[1].report.set(5);
  samples_[2].guidance = GuidanceMode::kReport;
  samples_[2].free_text = "a longer text";
  samples_[3].guidance = GuidanceMode::kWithheld;
  const auto answers = PredictSamples();
  for (const auto& answer : answers) {
    ASSERT_THAT(answer.status(), IsOk());
  }
  EXPECT_THAT(answers[0]->report, HasSubstr("upper left lung"));
  EXPECT_EQ(answers[0]->prototypes.size(), 1U);
  EXPECT_EQ(answers[0]->prototypes[0].label, 1);
  EXPECT_EQ(answers[0]->prototypes[0].index, 2);
  EXPECT_EQ(answers[0]->prototype_margin, 0.25F);
  EXPECT_THAT(answers[1]->report, HasSubstr("lower right lung"));
  EXPECT_EQ(answers[2]->report, "a longer text");
  EXPECT_TRUE(answers[2]->report_truncated);
  EXPECT_FALSE(answers[1]->report_truncated);
  EXPECT_THAT(device_.texts, ElementsAre("a longer text"));
  EXPECT_EQ(answers[3]->report, "");
  EXPECT_THAT(answers[3]->prototypes, IsEmpty());
  EXPECT_EQ(answers[3]->features.front(), 0);  // not guided
}

}  // namespace
}  // namespace lingula
