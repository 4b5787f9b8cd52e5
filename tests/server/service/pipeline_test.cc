#include "server/service/pipeline.h"

#include <future>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "server/service/errors.h"
#include "server/service/segment_answer.h"
#include "tests/server/service/fake_models.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using namespace std::chrono_literals;  // NOLINT
using test::FakeEngine;
using test::FakeSource;
using test::IsOk;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

class PipelineTest : public testing::Test {
 protected:
  using Answer = std::future<absl::StatusOr<SegmentResult>>;

  PipelineTest() {
    request_.mutable_image()->set_encoded(test::GoodPng());
    batching_.max_batch_size = 1;
    batching_.max_queued = 1;
    Serve(FakeSource("xray", "1", &engine_));
  }

  void Serve(ModelSource source) {
    models_ = *ModelTable::Create(test::Sources(std::move(source)), batching_, clock_, metrics_);
    pipeline_ = std::make_unique<Pipeline>(*models_, pool_, PixelLimits{10'000}, clock_, metrics_);
  }

  Answer Submit(const v1::SegmentRequest& request, Caller caller = {}) {
    caller.arrived = clock_.Now();
    auto promise = std::make_shared<std::promise<absl::StatusOr<SegmentResult>>>();
    Answer answer = promise->get_future();
    pipeline_->Submit(request, caller, [promise](absl::StatusOr<SegmentResult> result) {
      promise->set_value(std::move(result));
    });
    return answer;
  }

  // A request that has reached the engine and stays there until Release().
  Answer OccupyEngine() {
    engine_->Block();
    Answer first = Submit(request_);
    engine_->WaitForBatches(1);
    return first;
  }

  test::FakeClock clock_;
  Metrics metrics_;
  BatchQueue::Options batching_;
  std::unique_ptr<Pipeline> pipeline_;  // outlives the threads of the next two
  ThreadPool pool_{1};
  FakeEngine* engine_ = nullptr;
  std::unique_ptr<ModelTable> models_;
  v1::SegmentRequest request_;
};

TEST_F(PipelineTest, AnswersWithAMaskOfTheSentSize) {
  const auto result = Submit(request_).get();
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->width, 40);
  EXPECT_EQ(result->height, 24);
  EXPECT_EQ(result->batch.batch_size, 1);
  EXPECT_GT(result->sums.foreground, 0);
  EXPECT_THAT(metrics_.Text(), HasSubstr(R"(code="OK",method="Segment",model="xray@1"} 1)"));
}

TEST_F(PipelineTest, ASecondOpinionComesWithTheFirstAnswer) {
  request_.add_mask_formats(v1::MASK_FORMAT_PACKED_BITS);
  request_.add_mask_formats(v1::MASK_FORMAT_PROBABILITIES_UINT8);
  EXPECT_FALSE(Submit(request_).get()->second.has_value());
  request_.set_want_second_opinion(true);
  auto result = Submit(request_).get();
  ASSERT_THAT(result, IsOk());
  EXPECT_THAT(engine_->batch_sizes(), ElementsAre(1, 1));
  v1::SegmentResponse response;
  MoveInto(*result, response);
  const v1::SecondOpinion& opinion = response.second_opinion();
  EXPECT_EQ(opinion.foreground_pixels(), 40U * 24U);
  EXPECT_THAT(opinion.guidance().model_input_report(), HasSubstr("and lower right lung"));
  EXPECT_THAT(opinion.changed_zones(), ElementsAre(v1::ZONE_IMAGE_RIGHT_LOWER));
  EXPECT_EQ(opinion.guidance().mode(), response.guidance().mode());
  EXPECT_EQ(opinion.guidance().zones_size(), kZones);
  ASSERT_EQ(opinion.masks_size(), 2);
  EXPECT_EQ(opinion.masks(0).packed_bits(), std::string(40 * 24 / 8, static_cast<char>(0xff)));
  EXPECT_EQ(opinion.masks(1).probabilities_uint8().size(), 40U * 24U);
  // Of a mask and the whole picture.
  const auto first = static_cast<float>(response.quality().foreground_pixels());
  EXPECT_NEAR(opinion.dice(), 2 * first / (first + 40 * 24), 1e-6);
}

TEST_F(PipelineTest, BadImagesNeverReachTheEngine) {
  request_.mutable_image()->set_encoded("not an image at all, just words");
  const auto result = Submit(request_).get();
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_FALSE(ToGrpcStatus(result.status()).error_details().empty());
  EXPECT_THAT(engine_->batch_sizes(), ElementsAre());
  EXPECT_THAT(metrics_.Text(),
              HasSubstr(R"(code="INVALID_ARGUMENT",method="Segment",model="xray@1"} 1)"));
}

TEST_F(PipelineTest, LabelsNeverCarryTheCallersText) {
  request_.set_model("patient-name");
  EXPECT_THAT(Submit(request_).get(), StatusIs(absl::StatusCode::kNotFound));
  const std::string text = metrics_.Text();
  EXPECT_THAT(text, HasSubstr(R"(code="NOT_FOUND",method="Segment",model=""} 1)"));
  EXPECT_THAT(text, testing::Not(HasSubstr("patient-name")));
}

TEST_F(PipelineTest, PassedDeadlinesAreRefusedAtTheDoor) {
  Caller caller;
  caller.deadline = clock_.Now();
  EXPECT_THAT(Submit(request_, caller).get(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(engine_->batch_sizes(), ElementsAre());
  EXPECT_THAT(metrics_.Text(), HasSubstr(R"(lingula_expired_total{model="xray@1"} 1)"));
}

TEST_F(PipelineTest, DeadlinesThatPassInTheQueueNeverReachTheEngine) {
  Answer first = OccupyEngine();
  Caller caller;
  caller.deadline = clock_.Now() + 1s;
  Answer late = Submit(request_, caller);
  clock_.Advance(1s);
  engine_->Release();
  EXPECT_THAT(late.get(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(first.get(), IsOk());
  EXPECT_THAT(engine_->batch_sizes(), ElementsAre(1));
}

TEST_F(PipelineTest, CancelledWorkNeverReachesTheEngine) {
  Answer first = OccupyEngine();
  std::atomic<bool> cancelled{false};
  Caller caller;
  caller.cancelled = &cancelled;
  Answer gone = Submit(request_, caller);
  cancelled = true;
  engine_->Release();
  EXPECT_THAT(gone.get(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(first.get(), IsOk());
  EXPECT_THAT(engine_->batch_sizes(), ElementsAre(1));
  EXPECT_THAT(metrics_.Text(), HasSubstr(R"(lingula_cancelled_total{model="xray@1"} 1)"));
}

TEST_F(PipelineTest, ACancellationAtTheDeadlineIsAnExpiry) {
  std::atomic<bool> cancelled{true};
  Caller caller;
  caller.cancelled = &cancelled;
  caller.deadline = clock_.Now() + 4ms;
  EXPECT_THAT(Submit(request_, caller).get(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  caller.deadline = clock_.Now() + 1s;
  EXPECT_THAT(Submit(request_, caller).get(), StatusIs(absl::StatusCode::kCancelled));
}

// One in the engine, and one place in the queue: five of six more are refused, at the door.
TEST_F(PipelineTest, FullMeansRetryLater) {
  Answer first = OccupyEngine();
  std::atomic<int> refused{0};
  std::promise<void> five_refused;
  std::promise<absl::Status> sixth;
  for (int i = 0; i < 6; ++i) {
    Caller caller;
    caller.arrived = clock_.Now();
    pipeline_->Submit(request_, caller, [&](const absl::StatusOr<SegmentResult>& result) {
      if (!absl::IsResourceExhausted(result.status())) {
        return sixth.set_value(result.status());
      }
      EXPECT_GE(RetryDelay(result.status()), 1ms);
      if (++refused == 5) {
        five_refused.set_value();
      }
    });
  }
  five_refused.get_future().wait();
  engine_->Release();
  EXPECT_THAT(sixth.get_future().get(), IsOk());
  EXPECT_THAT(first.get(), IsOk());
}

// The engine takes 100 ms as far as the queue knows.
TEST_F(PipelineTest, WhatCannotBeInTimeIsRefusedBeforeItIsDecoded) {
  ModelSource source = FakeSource("slow", "1", &engine_);
  source.costs = {{1, 100ms}};
  Serve(std::move(source));
  Answer first = OccupyEngine();
  Caller caller;
  caller.arrived = clock_.Now();
  caller.deadline = clock_.Now() + 190ms;
  request_.mutable_image()->set_encoded("this would be found out");
  const auto refused = Submit(request_, caller).get();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("deadline")));
  EXPECT_GE(RetryDelay(refused.status()), 10ms);
  EXPECT_THAT(metrics_.Text(),
              HasSubstr(R"(lingula_rejected_total{model="slow@1",reason="deadline"} 1)"));
  engine_->Release();
  EXPECT_THAT(first.get(), IsOk());
}

TEST_F(PipelineTest, ABurstGivesWayToAnotherCaller) {
  batching_.max_queued = 4;
  Serve(FakeSource("xray", "1", &engine_));
  Answer first = OccupyEngine();
  std::vector<Answer> burst;
  for (int i = 0; i < 4; ++i) {
    burst.push_back(Submit(request_));
  }
  Caller other;
  other.arrived = clock_.Now();
  other.caller = 7;
  Answer late = Submit(request_, other);
  const auto displaced = burst.back().get();
  EXPECT_THAT(displaced, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("others")));
  EXPECT_GE(RetryDelay(displaced.status()), 1ms);
  engine_->Release();
  EXPECT_THAT(late.get(), IsOk());
  EXPECT_THAT(metrics_.Text(),
              HasSubstr(R"(lingula_rejected_total{model="xray@1",reason="displaced"} 1)"));
}

TEST_F(PipelineTest, DrainingRefusesNewWorkAndAnswersTheOld) {
  Answer first = OccupyEngine();
  pipeline_->StopAccepting();
  EXPECT_THAT(Submit(request_).get(), StatusIs(absl::StatusCode::kUnavailable));
  engine_->Release();
  EXPECT_THAT(first.get(), IsOk());
  EXPECT_THAT(metrics_.Text(),
              HasSubstr(R"(lingula_rejected_total{model="xray@1",reason="draining"} 1)"));
}

TEST_F(PipelineTest, EnginesThatFailGiveInternal) {
  engine_->SetFault(FakeEngine::Fault::kThrow);
  EXPECT_THAT(Submit(request_).get(), StatusIs(absl::StatusCode::kInternal));
  engine_->SetFault(FakeEngine::Fault::kNone);
  EXPECT_THAT(Submit(request_).get(), IsOk());
}

// Remembers codes, and closes the door.
class Listener final : public RequestObserver {
 public:
  absl::Status MayServe() const override {
    return open ? absl::OkStatus() : absl::UnavailableError("fake reason");
  }
  void Answered(const AnsweredRequest& request) override {
    MutexLock lock(mu_);
    heard_.push_back(absl::StrCat(request.job.request_id, " ",
                                  absl::StatusCodeToString(request.result.status().code())));
  }
  std::vector<std::string> heard() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return heard_;
  }

  std::atomic<bool> open{true};

 private:
  Mutex mu_;
  std::vector<std::string> heard_ ABSL_GUARDED_BY(mu_);
};

TEST_F(PipelineTest, WhoKeepsAccountHearsOfEveryRequestOnceAndMayCloseTheDoor) {
  Listener listener;
  pipeline_->Observe(listener);
  const auto ask = [&](const char* id, Caller caller = {}) {
    request_.set_request_id(id);
    return Submit(request_, caller);
  };
  EXPECT_THAT(ask("good").get(), IsOk());
  request_.set_model("nobody");
  EXPECT_THAT(ask("unknown").get(), StatusIs(absl::StatusCode::kNotFound));
  request_.clear_model();
  const std::atomic<bool> gone{true};
  Caller caller;
  caller.cancelled = &gone;
  EXPECT_THAT(ask("gone", caller).get(), StatusIs(absl::StatusCode::kCancelled));
  listener.open = false;
  EXPECT_THAT(ask("closed").get(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("fake reason")));
  pipeline_->Refused(Caller(), "before", nullptr, absl::UnauthenticatedError("who?"));
  EXPECT_THAT(listener.heard(), ElementsAre("good OK", "unknown NOT_FOUND", "gone CANCELLED",
                                            "closed UNAVAILABLE", "before UNAUTHENTICATED"));
}

}  // namespace
}  // namespace lingula
