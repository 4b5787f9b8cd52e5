#include "server/service/frame_window.h"

#include <deque>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/service/errors.h"
#include "tests/support/fake_clock.h"

namespace lingula {
namespace {

using namespace std::chrono_literals;  // NOLINT
using testing::ElementsAre;
using testing::HasSubstr;

std::string Letter(const v1::SegmentStreamResponse& answer) {
  if (answer.has_result()) {
    return "mask";
  }
  const std::string name = v1::DropReason_Name(answer.drop().reason());
  return name.substr(sizeof("DROP_REASON_") - 1);
}

// A window whose pipeline is the test.
class FrameWindowTest : public testing::Test {
 protected:
  void Open(const FrameWindow::Options& options) { window_.emplace(options); }

  void Add(uint64_t number) {
    StreamFrame frame;
    frame.number = number;
    frame.captured_us = static_cast<int64_t>(number) * 10;
    frame.arrived = clock_.Now();
    frame.request.mutable_image()->set_encoded("image");
    window_->Add(std::move(frame));
  }
  // Numbers of the frames that the pipeline gets now.
  std::vector<uint64_t> Take() {
    std::vector<uint64_t> numbers;
    while (StreamFrame* frame = window_->TakeReady(clock_.Now())) {
      numbers.push_back(frame->number);
      pipeline_.push_back(frame);
    }
    return numbers;
  }
  // The pipeline answers the frame with this number.
  void Settle(uint64_t number, const absl::Status& status = absl::OkStatus()) {
    for (auto frame = pipeline_.begin(); frame != pipeline_.end(); ++frame) {
      if ((*frame)->number == number) {
        v1::SegmentStreamResponse response;
        if (status.ok()) {
          response.mutable_result()->set_request_id("id");
        } else {
          *response.mutable_drop() = ReceiptFor(status);
        }
        window_->Settle(**frame, std::move(response));
        pipeline_.erase(frame);
        return;
      }
    }
    FAIL() << "the pipeline has no frame " << number;
  }
  // All answers that are next, "1:mask 2:TOO_OLD".
  std::string Answers() {
    std::vector<std::string> answers;
    while (auto answer = window_->TakeAnswer()) {
      const v1::SegmentStreamResponse& response = answer->response;
      EXPECT_EQ(response.captured_us(), static_cast<int64_t>(response.frame_number()) * 10);
      answers.push_back(absl::StrCat(response.frame_number(), ":", Letter(response)));
    }
    return absl::StrJoin(answers, " ");
  }

  test::FakeClock clock_;
  std::optional<FrameWindow> window_;
  std::deque<StreamFrame*> pipeline_;
};

FrameWindow::Options EveryFrame(int in_flight) {
  FrameWindow::Options options;
  options.max_in_flight = in_flight;
  options.max_held = in_flight;
  return options;
}

FrameWindow::Options Freshest(int in_flight, int held) {
  FrameWindow::Options options;
  options.freshest = true;
  options.max_in_flight = in_flight;
  options.max_held = held;
  return options;
}

TEST_F(FrameWindowTest, AnswersInTheOrderOfArrivalWhateverIsReadyFirst) {
  Open(EveryFrame(3));
  Add(1);
  Add(2);
  Add(7);
  EXPECT_THAT(Take(), ElementsAre(1, 2, 7));
  Settle(7);
  Settle(2);
  EXPECT_EQ(Answers(), "");
  Settle(1);
  EXPECT_EQ(Answers(), "1:mask 2:mask 7:mask");
  EXPECT_TRUE(window_->empty());
}

TEST_F(FrameWindowTest, EveryFrameStopsReadingUntilAnswersAreTaken) {
  Open(EveryFrame(2));
  Add(1);
  EXPECT_TRUE(window_->WantsFrame());
  Add(2);
  EXPECT_FALSE(window_->WantsFrame());
  Take();
  Settle(1);
  Settle(2);
  EXPECT_FALSE(window_->WantsFrame());  // nobody has read the answers yet
  EXPECT_TRUE(window_->TakeAnswer().has_value());
  EXPECT_TRUE(window_->WantsFrame());
}

TEST_F(FrameWindowTest, FreshestReplacesTheFrameThatWaits) {
  Open(Freshest(1, 10));
  Add(1);
  EXPECT_THAT(Take(), ElementsAre(1));
  Add(2);
  EXPECT_THAT(Take(), ElementsAre());
  Add(3);
  Add(4);
  Settle(1);
  EXPECT_EQ(Answers(), "1:mask 2:SUPERSEDED 3:SUPERSEDED");
  EXPECT_THAT(Take(), ElementsAre(4));
  Settle(4);
  EXPECT_EQ(Answers(), "4:mask");
}

TEST_F(FrameWindowTest, FreshestStopsReadingWhenItsReceiptsAreNotTaken) {
  Open(Freshest(1, 4));
  Add(1);
  Take();
  Add(2);
  Add(3);
  EXPECT_TRUE(window_->WantsFrame());
  Add(4);
  EXPECT_FALSE(window_->WantsFrame());
  Settle(1);
  EXPECT_THAT(Take(), ElementsAre());  // the mask of 1 still takes the only place
  EXPECT_FALSE(window_->WantsFrame());
  EXPECT_EQ(Answers(), "1:mask 2:SUPERSEDED 3:SUPERSEDED");
  EXPECT_TRUE(window_->WantsFrame());
}

TEST_F(FrameWindowTest, AFrameThatWaitedTooLongNeverReachesThePipeline) {
  FrameWindow::Options options = EveryFrame(2);
  options.max_in_flight = 1;
  options.max_age = 50ms;
  Open(options);
  Add(1);
  Take();
  clock_.Advance(1ms);
  Add(2);
  EXPECT_EQ(pipeline_.front()->deadline, clock_.Now() + 49ms);
  clock_.Advance(50ms);
  Settle(1, absl::DeadlineExceededError("late"));
  EXPECT_THAT(Take(), ElementsAre());
  EXPECT_EQ(Answers(), "1:TOO_OLD 2:TOO_OLD");
}

TEST_F(FrameWindowTest, ANumberThatDoesNotFollowCostsThatFrameOnly) {
  Open(EveryFrame(4));
  Add(5);
  Add(5);
  Add(3);
  Add(6);
  EXPECT_THAT(Take(), ElementsAre(5, 6));
  Settle(6);
  Settle(5);
  EXPECT_EQ(Answers(), "5:mask 5:BAD_FRAME 3:BAD_FRAME 6:mask");
}

TEST_F(FrameWindowTest, ABadNumberReplacesNothing) {
  Open(Freshest(1, 10));
  Add(1);
  Take();
  Add(5);
  Add(4);
  Settle(1);
  EXPECT_EQ(Answers(), "1:mask");
  EXPECT_THAT(Take(), ElementsAre(5));
}

TEST_F(FrameWindowTest, ClosingRefusesWhatWaitsAndKeepsWhatRuns) {
  FrameWindow::Options options = EveryFrame(3);
  options.max_in_flight = 1;
  Open(options);
  Add(1);
  Add(2);
  Take();
  window_->Close(absl::UnavailableError("draining"));
  EXPECT_FALSE(window_->WantsFrame());
  EXPECT_EQ(Answers(), "");
  Settle(1);
  EXPECT_EQ(Answers(), "1:mask 2:REFUSED");
}

TEST_F(FrameWindowTest, AbandoningKeepsOnlyWhatThePipelineBorrows) {
  Open(EveryFrame(3));
  Add(1);
  Add(2);
  Take();
  Add(3);
  Settle(1);
  window_->Abandon();
  EXPECT_EQ(window_->held(), 1);
  EXPECT_EQ(pipeline_.back()->request.image().encoded(), "image");
  Settle(2);
  EXPECT_EQ(Answers(), "");
  EXPECT_TRUE(window_->empty());
}

struct ReasonCase {
  absl::StatusCode code;
  v1::DropReason reason;
};
class ReceiptTest : public testing::TestWithParam<ReasonCase> {};

TEST_P(ReceiptTest, SaysWhyInTheStreamsOwnTerms) {
  const v1::DropReceipt receipt = ReceiptFor(absl::Status(GetParam().code, "what is allowed"));
  EXPECT_EQ(receipt.reason(), GetParam().reason);
  EXPECT_EQ(receipt.code(), static_cast<int>(GetParam().code));
  EXPECT_EQ(receipt.message(), "what is allowed");
}

INSTANTIATE_TEST_SUITE_P(
    All, ReceiptTest,
    testing::Values(ReasonCase{absl::StatusCode::kDeadlineExceeded, v1::DROP_REASON_TOO_OLD},
                    ReasonCase{absl::StatusCode::kInvalidArgument, v1::DROP_REASON_BAD_FRAME},
                    ReasonCase{absl::StatusCode::kOutOfRange, v1::DROP_REASON_BAD_FRAME},
                    ReasonCase{absl::StatusCode::kUnimplemented, v1::DROP_REASON_BAD_FRAME},
                    ReasonCase{absl::StatusCode::kResourceExhausted, v1::DROP_REASON_REFUSED},
                    ReasonCase{absl::StatusCode::kUnavailable, v1::DROP_REASON_REFUSED},
                    ReasonCase{absl::StatusCode::kNotFound, v1::DROP_REASON_REFUSED},
                    ReasonCase{absl::StatusCode::kInternal, v1::DROP_REASON_FAILED}),
    [](const auto& info) { return absl::StatusCodeToString(info.param.code); });

TEST(Receipt, CarriesTheTimeAfterWhichThereIsRoom) {
  EXPECT_EQ(ReceiptFor(WithRetry(absl::ResourceExhaustedError("full"), 40ms)).retry_after_ms(),
            40U);
}

// Random callers, pipelines and readers: one answer a frame, in order, and never more held than
// allowed.
class RandomStreamTest : public FrameWindowTest, public testing::WithParamInterface<int> {
 protected:
  int Draw(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }

  FrameWindow::Options RandomOptions() {
    FrameWindow::Options options;
    options.freshest = Draw(2) == 0;
    options.max_in_flight = 1 + Draw(4);
    options.max_held = options.max_in_flight + 1 + Draw(20);
    if (Draw(2) == 0) {
      options.max_age = std::chrono::milliseconds(1 + Draw(40));
    }
    return options;
  }

  void Send() {
    if (!window_->WantsFrame()) {
      return;
    }
    next_ += static_cast<uint64_t>(Draw(3));  // sometimes the same one again
    sent_.push_back(next_);
    Add(next_);
  }
  void SettleOne() {
    if (pipeline_.empty()) {
      return;
    }
    const StreamFrame& frame =
        *pipeline_[static_cast<size_t>(Draw(static_cast<int>(pipeline_.size())))];
    EXPECT_EQ(frame.request.image().encoded(), "image");  // the pipeline may still read it
    const uint64_t number = frame.number;
    const bool late = clock_.Now() >= frame.deadline;
    Settle(number, late           ? absl::DeadlineExceededError("late")
                   : Draw(5) == 0 ? absl::InvalidArgumentError("no image")
                                  : absl::OkStatus());
  }
  void Read() {
    if (auto answer = window_->TakeAnswer()) {
      received_.push_back(answer->response.frame_number());
      EXPECT_NE(answer->response.outcome_case(), v1::SegmentStreamResponse::OUTCOME_NOT_SET);
    }
  }
  void Check(const FrameWindow::Options& options) const {
    EXPECT_LE(window_->held(), options.max_held);
    EXPECT_LE(static_cast<int>(pipeline_.size()), options.max_in_flight);
    EXPECT_EQ(window_->in_pipeline(), static_cast<int>(pipeline_.size()));
  }

  std::mt19937 random_;
  uint64_t next_ = 1;
  std::vector<uint64_t> sent_, received_;
};

TEST_P(RandomStreamTest, EveryFrameIsAnsweredOnceInOrder) {
  for (int seed = GetParam() * 1000; seed < (GetParam() + 1) * 1000; ++seed) {
    random_.seed(static_cast<unsigned>(seed));
    sent_.clear();
    received_.clear();
    next_ = 1;
    const FrameWindow::Options options = RandomOptions();
    Open(options);
    for (int step = 0; step < 100; ++step) {
      switch (Draw(5)) {
        case 0:
          SettleOne();
          break;
        case 1:
          Read();
          break;
        case 2:
          clock_.Advance(std::chrono::milliseconds(Draw(10)));
          break;
        default:
          Send();
      }
      Take();
      Check(options);
    }
    if (Draw(3) == 0) {
      window_->Close(absl::UnavailableError("draining"));
    }
    while (!window_->empty()) {
      Take();
      SettleOne();
      Read();
    }
    ASSERT_EQ(received_, sent_) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomStreamTest, testing::Range(0, 5));

}  // namespace
}  // namespace lingula
