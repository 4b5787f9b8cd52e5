// A network as a function of rows (model/device/row_layout.h): nothing between its tensors waits
// for the device or goes through the host, so that a graph can hold it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "absl/status/statusor.h"
#include "model/bundle/bundle.h"
#include "model/device/row_layout.h"
#include "model/engine/engine.h"
#include "model/image/preprocess.h"
#include "model/nets/vision_encoder.h"

namespace lingula {

// Threads  One at a time. May throw what Torch throws.
class DeviceNet {
 public:
  virtual ~DeviceNet() = default;

  const RowLayout& layout() const { return layout_; }
  const torch::Device& device() const { return device_; }
  // rows [n, layout().row_in()] float32 on the device. Returns [n, layout().row_out()] there.
  torch::Tensor operator()(const torch::Tensor& rows);
  // Ways that it can be guided.
  virtual std::vector<GuidanceMode> ways() const = 0;
  virtual bool reads_free_text() const { return false; }
  // Fills slot `slot` of the callers' texts. True when the end was not read.
  virtual bool ReadText(int slot, const std::string& text);

 protected:
  // What is asked about n samples.
  struct Question {
    torch::Tensor image;    // [n, C, side, side] of the encoder's type, channels interleaved
    torch::Tensor reports;  // [n] int64: as in the row
    torch::Tensor shares;   // [n, 1, 1] of the decoder's type: 1 guided, 0 withheld
  };
  // All but `logits` [n, 1, side, side] and `features` may be undefined.
  struct Answer {
    torch::Tensor logits, zones, features, prototypes, similarities;
  };

  DeviceNet(const InputSpec& spec, const FoldTypes& types, const torch::Device& device);
  virtual Answer Run(const Question& question) = 0;
  // Runs once, to learn how many features there are. To be called before the net is used.
  void LearnFeatures();

  RowLayout layout_;

 private:
  friend absl::StatusOr<std::vector<std::unique_ptr<DeviceNet>>> MakeDeviceNets(
      const Bundle& bundle, const FoldTypes& types, const torch::Device& device, int instances,
      int max_rows);
  Question Read(const torch::Tensor& rows) const;

  const FoldTypes types_;
  const torch::Device device_;
};

// The network of a bundle on `device`, folded in `types`, for batches of up to `max_rows`; its
// instances share the weights.
// Errors   INVALID_ARGUMENT as LoadEngine; RESOURCE_EXHAUSTED when the device's memory does not
//          hold it.
absl::StatusOr<std::vector<std::unique_ptr<DeviceNet>>> MakeDeviceNets(const Bundle& bundle,
                                                                       const FoldTypes& types,
                                                                       const torch::Device& device,
                                                                       int instances, int max_rows);

}  // namespace lingula
