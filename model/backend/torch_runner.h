// A DeviceNet with its staging memory and graphs, as DeviceInstance runs it.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "model/backend/device_net.h"
#include "model/device/device_stream.h"
#include "model/device/graph_runner.h"

namespace lingula {

class TorchRunner final : public GraphRunner {
 public:
  struct Options {
    int max_rows = 8;
    bool graphs = true;                            // false: each run issues its kernels anew
    std::function<void(const std::string&)> warn;  // hears of buckets that run without a graph
  };

  // Errors   RESOURCE_EXHAUSTED: no memory for staging, on the host or on the device.
  static absl::StatusOr<std::unique_ptr<TorchRunner>> Create(std::unique_ptr<DeviceNet> net,
                                                             std::unique_ptr<DeviceStream> stream,
                                                             Options options);
  ~TorchRunner() override;

  const RowLayout& layout() const override { return net_->layout(); }
  int max_rows() const override { return options_.max_rows; }
  bool reads_free_text() const override { return net_->reads_free_text(); }
  float* rows_in() override { return host_in_.data_ptr<float>(); }
  const float* rows_out() const override { return host_out_.const_data_ptr<float>(); }

  // Runs the bucket first, so that what is made lazily is there. A bucket that runs but cannot be
  // captured runs without a graph.
  DeviceResult Capture(int bucket) override;
  DeviceResult Run(int bucket, int used) override;
  void Drop(int bucket) override;
  DeviceResult ReadText(int slot, const std::string& text, bool& truncated) override;

 private:
  TorchRunner(std::unique_ptr<DeviceNet> net, std::unique_ptr<DeviceStream> stream,
              Options options);
  void MakeStaging();
  // Rows of the device in, rows of the device out.
  DeviceWork Forward(int bucket);

  const Options options_;
  const std::unique_ptr<DeviceNet> net_;
  torch::Tensor host_in_, host_out_;  // page-locked where the device is another one
  torch::Tensor in_, out_;
  std::set<int> captured_;
  const std::unique_ptr<DeviceStream> stream_;  // last: its graphs use the tensors above
};

}  // namespace lingula
