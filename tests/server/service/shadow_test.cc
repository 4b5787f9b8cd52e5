#include "server/service/shadow.h"

#include <algorithm>
#include <thread>

#include <gmock/gmock.h>

#include "tests/server/service/fake_models.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::FakeEngine;
using test::FakeSource;
using test::IsOk;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(MaskDice, ComparesWhatEachCutsOut) {
  EXPECT_EQ(MaskDice({0.9F, 0.1F}, 0.5F, {0.9F, 0.1F}, 0.5F), 1);
  EXPECT_EQ(MaskDice({0.9F, 0.1F}, 0.5F, {0.1F, 0.9F}, 0.5F), 0);
  EXPECT_DOUBLE_EQ(MaskDice({0.9F, 0.9F}, 0.5F, {0.9F, 0.1F}, 0.5F), 2.0 / 3);
  EXPECT_EQ(MaskDice({0.4F}, 0.3F, {0.6F}, 0.6F), 1) << "each by its own threshold";
  EXPECT_EQ(MaskDice({0.1F}, 0.5F, {0.1F}, 0.5F), 1) << "both empty";
}

TEST(Shortfalls, NameEveryOne) {
  ShadowReport report;
  report.gate.min_images = 10;
  EXPECT_THAT(Shortfalls(report), ElementsAre("0 images compared, 10 asked for",
                                              "mean Dice 0.0000, at least 0.9500 asked for"));
  report.figures.images = 10;
  report.figures.dice = 9.6;
  EXPECT_THAT(Shortfalls(report), IsEmpty());
  report.figures.below_floor = 1;
  report.figures.errors = 1;
  EXPECT_THAT(Shortfalls(report),
              ElementsAre("a share of 0.1000 has a Dice below 0.80, at most 0.0200 allowed",
                          "1 images failed, none allowed"));
}

class ShadowTest : public testing::Test {
 protected:
  ShadowTest() {
    models_ = *ModelTable::Create(
        test::Sources(FakeSource("xray", "1", &live_engine_), FakeSource("xray", "2", &engine_)),
        {}, Clock::Real(), metrics_);
    live_ = models_->routes()->FindId("xray@1");
    candidate_ = models_->routes()->FindId("xray@2");
  }
  ~ShadowTest() override {
    if (models_ != nullptr) {
      engine_->Release();
    }
    static_cast<void>(shadow_.Stop());
  }

  void Start(double share = 1) {
    ShadowPlan plan;
    plan.candidate = candidate_;
    plan.share = share;
    ASSERT_THAT(shadow_.Start(std::move(plan), *live_), IsOk());
  }
  // A live answer: half of its pixels are foreground.
  AnsweredSample Answered() {
    AnsweredSample answered;
    answered.model = live_;
    answered.sample.pixels.assign(32 * 32, -1);
    std::fill_n(answered.sample.pixels.begin(), 512, 1.0F);
    answered.probabilities.assign(32 * 32, 0.1F);
    std::fill_n(answered.probabilities.begin(), 512, 0.9F);
    return answered;
  }
  void Show(int times = 1) {
    for (int i = 0; i < times; ++i) {
      if (shadow_.Wants(*live_)) {
        shadow_.Observe(Answered());
        WaitUntilCompared();
      }
    }
  }
  // The candidate's thread tells by the figures only.
  void WaitUntilCompared() {
    ++shown_;
    for (;;) {
      const ShadowFigures figures = shadow_.Report()->figures;
      if (figures.images + figures.errors == shown_) {
        return;
      }
      std::this_thread::yield();
    }
  }

  Metrics metrics_;
  Shadow shadow_{metrics_};
  std::unique_ptr<ModelTable> models_;
  FakeEngine *live_engine_ = nullptr, *engine_ = nullptr;
  ModelHandle live_, candidate_;
  uint64_t shown_ = 0;
};

TEST_F(ShadowTest, ComparesMasks) {
  Start();
  Show(3);
  engine_->SetProbability(0.9F);  // everything is foreground: Dice 2/3
  Show();
  const auto report = shadow_.Report();
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->candidate, "xray@2");
  EXPECT_EQ(report->live, "xray@1");
  EXPECT_TRUE(report->running);
  EXPECT_EQ(report->figures.images, 4U);
  EXPECT_NEAR(report->figures.Mean(report->figures.dice), (3 + 2.0 / 3) / 4, 1e-9);
  EXPECT_EQ(report->figures.below_floor, 1U);
  EXPECT_THAT(metrics_.Text(), HasSubstr(R"(lingula_shadow_dice_count{model="xray@2"} 4)"));
}

TEST_F(ShadowTest, TakesItsShare) {
  Start(0.25);
  int wanted = 0;
  for (int i = 0; i < 100; ++i) {
    wanted += shadow_.Wants(*live_) ? 1 : 0;
    EXPECT_FALSE(shadow_.Wants(*candidate_)) << "not the live version";
  }
  EXPECT_EQ(wanted, 25);
}

TEST_F(ShadowTest, DropsWhatItCannotTakeAtOnce) {
  Start();
  engine_->Block();
  ASSERT_TRUE(shadow_.Wants(*live_));
  shadow_.Observe(Answered());
  engine_->WaitForBatches(1);
  EXPECT_FALSE(shadow_.Wants(*live_));
  shadow_.Observe(Answered());
  EXPECT_EQ(shadow_.Report()->figures.dropped, 2U);
}

TEST_F(ShadowTest, CountsWhatTheCandidateCannotDo) {
  Start();
  engine_->SetFault(FakeEngine::Fault::kThrow);
  Show();
  EXPECT_EQ(shadow_.Report()->figures.errors, 1U);
  AnsweredSample other = Answered();
  other.sample.guidance = GuidanceMode::kPrototypes;
  shadow_.Observe(std::move(other));
  EXPECT_EQ(shadow_.Report()->figures.unsuitable, 1U);
}

TEST_F(ShadowTest, OneAtATimeAndOfAlikeModels) {
  EXPECT_THAT(shadow_.Report(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(shadow_.Stop(), StatusIs(absl::StatusCode::kNotFound));
  ShadowPlan same;
  same.candidate = live_;
  EXPECT_THAT(shadow_.Start(same, *live_), StatusIs(absl::StatusCode::kInvalidArgument));
  ModelSource frames = FakeSource("frames", "1");
  frames.manifest.set_modality(bundle::v1::MODALITY_ENDOSCOPY);
  ShadowPlan other;
  other.candidate = *models_->Adopt(std::move(frames));
  EXPECT_THAT(shadow_.Start(other, *live_), StatusIs(absl::StatusCode::kFailedPrecondition));
  Start();
  ShadowPlan second;
  second.candidate = candidate_;
  EXPECT_THAT(shadow_.Start(second, *live_), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ShadowTest, AfterTheEndItWantsNothingAndKeepsItsFigures) {
  Start();
  Show();
  ASSERT_THAT(shadow_.Stop(), IsOk());
  EXPECT_FALSE(shadow_.Wants(*live_));
  shadow_.Observe(Answered());
  const auto report = shadow_.Report();
  ASSERT_THAT(report, IsOk());
  EXPECT_FALSE(report->running);
  EXPECT_EQ(report->figures.images, 1U);
  EXPECT_EQ(shadow_.candidate(), nullptr);
}

TEST_F(ShadowTest, MayEndWhileAPictureIsUnderWay) {
  Start();
  engine_->Block();
  shadow_.Observe(Answered());
  engine_->WaitForBatches(1);
  ASSERT_THAT(shadow_.Stop(), IsOk());
  engine_->Release();
  live_.reset();
  candidate_.reset();
  models_.reset();  // waits for what is under way
  EXPECT_EQ(shadow_.Report()->figures.images, 0U);
}

}  // namespace
}  // namespace lingula
