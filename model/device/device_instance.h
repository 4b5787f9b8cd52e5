// The policy of running a network on a device: which bucket, and what to do when a run fails.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "model/device/device_board.h"
#include "model/device/graph_runner.h"
#include "model/engine/engine.h"

namespace lingula {

// One instance of a network. A batch runs in the smallest bucket that holds it, filled up with
// whatever rows lie there, or in several runs of the largest bucket.
// Failures  Out of memory: that bucket and larger ones are given up for good, and the batch goes on
//           in smaller ones; RESOURCE_EXHAUSTED when not even one sample fits. Lost device:
//           UNAVAILABLE for this and all later samples. Anything else: run once more, then INTERNAL
//           for the samples of that run alone.
// Threads   Predict by one at a time, unlike other engines.
class DeviceInstance final : public Engine {
 public:
  struct Options {
    std::string device;                            // "cuda:0": for messages
    std::vector<GuidanceMode> ways;                // that the network can be guided
    std::function<void(const std::string&)> warn;  // hears of what an operator should know
  };

  // Borrows `board`.
  DeviceInstance(std::unique_ptr<GraphRunner> runner, Options options, DeviceBoard& board);
  // A lost runner is not destroyed: a device that does not answer cannot be tidied up.
  ~DeviceInstance() override;

  // Captures all buckets, the largest first; those that memory does not hold are given up. To be
  // called once, before Predict.
  // Errors   RESOURCE_EXHAUSTED: not even one sample fits; UNAVAILABLE: the device is lost;
  //          INTERNAL: otherwise.
  absl::Status WarmUp();

  bool lost() const { return lost_; }
  // Those left. On the thread that predicts.
  const std::vector<int>& buckets() const { return buckets_; }

  int side_px() const override { return runner_->layout().side_px; }
  int channels() const override { return runner_->layout().channels; }
  bool Supports(GuidanceMode mode) const override;
  bool ReadsFreeText() const override { return runner_->reads_free_text(); }
  std::vector<absl::StatusOr<Prediction>> Predict(absl::Span<const Sample* const> samples) override;

 private:
  using Answers = std::vector<absl::StatusOr<Prediction>>;

  int BucketFor(size_t samples) const;
  // The samples at `places`, in as many runs as it takes.
  void RunAll(absl::Span<const Sample* const> samples, absl::Span<const size_t> places,
              Answers& answers);
  DeviceResult RunOnce(int bucket, absl::Span<const Sample* const> samples,
                       absl::Span<const size_t> places, std::vector<bool>& truncated);
  // Gives up `bucket` and larger ones. False when none is left.
  bool GiveUp(int bucket, const std::string& what);
  absl::Status StatusOf(const DeviceResult& result);

  std::unique_ptr<GraphRunner> runner_;
  const Options options_;
  DeviceBoard& board_;
  std::vector<int> buckets_;
  std::atomic<bool> lost_ = false;
};

}  // namespace lingula
