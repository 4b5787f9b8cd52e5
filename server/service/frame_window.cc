#include "server/service/frame_window.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/service/errors.h"

namespace lingula {
namespace {

v1::DropReceipt Receipt(v1::DropReason reason, const absl::Status& status) {
  v1::DropReceipt receipt;
  receipt.set_reason(reason);
  receipt.set_code(static_cast<int>(status.code()));
  receipt.set_message(std::string(status.message()));
  return receipt;
}

v1::DropReason ReasonFor(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kDeadlineExceeded:
      return v1::DROP_REASON_TOO_OLD;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kUnimplemented:
      return v1::DROP_REASON_BAD_FRAME;
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kNotFound:            // the model was unloaded
    case absl::StatusCode::kFailedPrecondition:  // its successor cannot be guided that way
    case absl::StatusCode::kCancelled:
      return v1::DROP_REASON_REFUSED;
    default:
      return v1::DROP_REASON_FAILED;
  }
}

}  // namespace

v1::DropReceipt ReceiptFor(const absl::Status& status) {
  v1::DropReceipt receipt = Receipt(ReasonFor(status.code()), status);
  if (const auto delay = RetryDelay(status)) {
    receipt.set_retry_after_ms(static_cast<uint32_t>(delay->count()));
  }
  return receipt;
}

bool FrameWindow::WantsFrame() const {
  return !closed_ && held() < options_.max_held;
}

void FrameWindow::Add(StreamFrame frame) {
  held_.push_back(std::make_unique<Held>());
  Held& added = *held_.back();
  added.frame = std::move(frame);
  if (options_.max_age.has_value()) {
    added.frame.deadline = added.frame.arrived + *options_.max_age;
  }
  if (last_number_.has_value() && added.frame.number <= *last_number_) {
    return Drop(
        added, v1::DROP_REASON_BAD_FRAME,
        absl::InvalidArgumentError(absl::StrCat(
            "frame.number: must be greater than that of the frame before, ", *last_number_)));
  }
  last_number_ = added.frame.number;
  if (!options_.freshest) {
    return;
  }
  for (const auto& older : held_) {
    if (older.get() != &added && !older->taken && !older->settled) {
      Drop(*older, v1::DROP_REASON_SUPERSEDED,
           absl::CancelledError(absl::StrCat("frame ", *last_number_, " took its place")));
    }
  }
}

StreamFrame* FrameWindow::TakeReady(Instant now) {
  for (const auto& held : held_) {
    if (held->taken || held->settled) {
      continue;
    }
    if (now >= held->frame.deadline) {
      Drop(*held, v1::DROP_REASON_TOO_OLD,
           absl::DeadlineExceededError("the frame grew too old while it waited for its turn"));
    } else if (in_flight_ < options_.max_in_flight) {
      held->taken = true;
      ++in_flight_;
      ++in_pipeline_;
      return &held->frame;
    }
  }
  return nullptr;
}

void FrameWindow::Settle(const StreamFrame& frame, v1::SegmentStreamResponse response) {
  const auto found = std::find_if(held_.begin(), held_.end(),
                                  [&frame](const auto& held) { return &held->frame == &frame; });
  --in_pipeline_;
  if (abandoned_) {
    held_.erase(found);
  } else {
    SettleAs(**found, std::move(response));
  }
}

void FrameWindow::SettleAs(Held& held, v1::SegmentStreamResponse response) {
  held.settled = true;
  held.answer = std::move(response);
  held.answer.set_frame_number(held.frame.number);
  if (held.frame.captured_us.has_value()) {
    held.answer.set_captured_us(*held.frame.captured_us);
  }
  held.frame.request = v1::SegmentRequest();  // lets the image go
}

void FrameWindow::Drop(Held& held, v1::DropReason reason, const absl::Status& status) {
  v1::SegmentStreamResponse response;
  *response.mutable_drop() = Receipt(reason, status);
  SettleAs(held, std::move(response));
}

void FrameWindow::Close(const absl::Status& why) {
  closed_ = true;
  for (const auto& held : held_) {
    if (!held->taken && !held->settled) {
      Drop(*held, v1::DROP_REASON_REFUSED, why);
    }
  }
}

void FrameWindow::Abandon() {
  closed_ = true;
  abandoned_ = true;
  const auto forgotten = [](const auto& held) { return held->settled || !held->taken; };
  held_.erase(std::remove_if(held_.begin(), held_.end(), forgotten), held_.end());
}

std::optional<FrameAnswer> FrameWindow::TakeAnswer() {
  if (held_.empty() || !held_.front()->settled) {
    return std::nullopt;
  }
  Held& first = *held_.front();
  FrameAnswer answer{first.frame.arrived, std::move(first.answer)};
  in_flight_ -= first.taken ? 1 : 0;
  held_.pop_front();
  return answer;
}

}  // namespace lingula
