#include "server/service/frame_window.h"

#include "server/service/errors.h"
#include "tests/server/service/frame_window_fixture.h"

namespace lingula {
namespace {

using namespace std::chrono_literals;  // NOLINT
using test::FrameWindowTest;
using testing::ElementsAre;

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

}  // namespace
}  // namespace lingula
