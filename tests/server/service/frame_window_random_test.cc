#include <algorithm>
#include <random>

#include "tests/server/service/frame_window_fixture.h"

namespace lingula {
namespace {

using test::FrameWindowTest;

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
