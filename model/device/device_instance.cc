#include "model/device/device_instance.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/base/doublings.h"
#include "model/device/sample_row.h"
#include "model/engine/check_sample.h"

namespace lingula {

DeviceInstance::DeviceInstance(std::unique_ptr<GraphRunner> runner, Options options,
                               DeviceBoard& board)
    : runner_(std::move(runner)),
      options_(std::move(options)),
      board_(board),
      buckets_(Doublings(runner_->max_rows())) {}

DeviceInstance::~DeviceInstance() {
  if (!board_.health().ok()) {
    static_cast<void>(runner_.release());
  }
}

bool DeviceInstance::Supports(GuidanceMode mode) const {
  return std::count(options_.ways.begin(), options_.ways.end(), mode) > 0;
}

absl::Status DeviceInstance::WarmUp() {
  for (int i = static_cast<int>(buckets_.size()) - 1; i >= 0; --i) {
    const int bucket = buckets_[i];
    DeviceResult result = runner_->Capture(bucket);
    if (result.fault == DeviceFault::kFailed) {
      result = runner_->Capture(bucket);
    }
    if (result.fault == DeviceFault::kOutOfMemory && GiveUp(bucket, result.what)) {
      continue;
    }
    if (!result.ok()) {
      return StatusOf(result);
    }
  }
  return absl::OkStatus();
}

std::vector<absl::StatusOr<Prediction>> DeviceInstance::Predict(
    absl::Span<const Sample* const> samples) {
  Answers answers;
  std::vector<size_t> places;
  for (size_t i = 0; i < samples.size(); ++i) {
    absl::Status status = CheckSample(*this, *samples[i]);
    if (status.ok()) {
      places.push_back(i);
    }
    answers.emplace_back(status.ok() ? absl::InternalError("not run") : std::move(status));
  }
  RunAll(samples, places, answers);
  return answers;
}

int DeviceInstance::BucketFor(size_t samples) const {
  const auto fits = std::lower_bound(buckets_.begin(), buckets_.end(), static_cast<int>(samples));
  return fits == buckets_.end() ? buckets_.back() : *fits;
}

void DeviceInstance::RunAll(absl::Span<const Sample* const> samples,
                            absl::Span<const size_t> places, Answers& answers) {
  for (bool again = false; !places.empty();) {
    const int bucket = BucketFor(places.size());
    const auto now = places.subspan(0, bucket);
    std::vector<bool> truncated(now.size());
    const DeviceResult result = lost_ ? DeviceResult{DeviceFault::kLost, "it was lost before"}
                                      : RunOnce(bucket, samples, now, truncated);
    if (result.fault == DeviceFault::kOutOfMemory && GiveUp(bucket, result.what)) {
      continue;
    }
    if (result.fault == DeviceFault::kFailed && !again) {
      again = true;
      continue;
    }
    const absl::Status failure = StatusOf(result);
    for (size_t i = 0; i < now.size(); ++i) {
      if (!result.ok()) {
        answers[now[i]] = failure;
        continue;
      }
      const float* const row = runner_->rows_out() + i * runner_->layout().row_out();
      answers[now[i]] = ReadPrediction(runner_->layout(), *samples[now[i]], row);
      answers[now[i]]->report_truncated = truncated[i];
    }
    places.remove_prefix(now.size());
    again = false;
  }
}

DeviceResult DeviceInstance::RunOnce(int bucket, absl::Span<const Sample* const> samples,
                                     absl::Span<const size_t> places,
                                     std::vector<bool>& truncated) {
  const RowLayout& layout = runner_->layout();
  for (size_t i = 0; i < places.size(); ++i) {
    const Sample& sample = *samples[places[i]];
    const int slot = static_cast<int>(i);
    if (sample.guidance == GuidanceMode::kReport && !sample.free_text.empty()) {
      bool cut = false;
      DeviceResult read = runner_->ReadText(slot, sample.free_text, cut);
      if (!read.ok()) {
        return read;
      }
      truncated[i] = cut;
    }
    WriteSample(layout, sample, slot, runner_->rows_in() + i * layout.row_in());
  }
  return runner_->Run(bucket, static_cast<int>(places.size()));
}

bool DeviceInstance::GiveUp(int bucket, const std::string& what) {
  board_.CountOutOfMemory(options_.device);
  if (bucket == buckets_.front()) {
    return false;
  }
  while (buckets_.back() >= bucket) {
    runner_->Drop(buckets_.back());
    buckets_.pop_back();
  }
  if (options_.warn) {
    options_.warn(absl::StrCat("out of memory with ", bucket, " samples: batches run in pieces of ",
                               buckets_.back(), " from now on (", what, ")"));
  }
  return true;
}

absl::Status DeviceInstance::StatusOf(const DeviceResult& result) {
  switch (result.fault) {
    case DeviceFault::kNone:
      return absl::OkStatus();
    case DeviceFault::kFailed:
      return absl::InternalError(
          absl::StrCat("the network failed on ", options_.device, ": ", result.what));
    case DeviceFault::kOutOfMemory:
      return absl::ResourceExhaustedError(
          absl::StrCat(options_.device, " has no memory left for a single sample"));
    case DeviceFault::kLost:
      break;
  }
  lost_ = true;
  board_.ReportLost(options_.device, result.what);
  return absl::UnavailableError(
      absl::StrCat("the device ", options_.device, " is lost: send to another server"));
}

}  // namespace lingula
