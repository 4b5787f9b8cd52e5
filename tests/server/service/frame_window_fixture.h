// A FrameWindow between a caller, a pipeline and a reader that are all the test.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/service/frame_window.h"
#include "tests/support/fake_clock.h"

namespace lingula::test {

inline std::string OutcomeOf(const v1::SegmentStreamResponse& answer) {
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
      answers.push_back(absl::StrCat(response.frame_number(), ":", OutcomeOf(response)));
    }
    return absl::StrJoin(answers, " ");
  }

  FakeClock clock_;
  std::optional<FrameWindow> window_;
  std::deque<StreamFrame*> pipeline_;
};

}  // namespace lingula::test
