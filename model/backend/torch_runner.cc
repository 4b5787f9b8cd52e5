#include "model/backend/torch_runner.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "model/backend/torch_door.h"

namespace lingula {
absl::StatusOr<std::unique_ptr<TorchRunner>> TorchRunner::Create(
    std::unique_ptr<DeviceNet> net, std::unique_ptr<DeviceStream> stream, Options options) {
  std::unique_ptr<TorchRunner> runner(
      new TorchRunner(std::move(net), std::move(stream), std::move(options)));
  // On the stream that will use it.
  const DeviceResult made = runner->stream_->Run([&] {
    return WithTorch([&] {
      runner->MakeStaging();
      return DeviceResult();
    });
  });
  if (!made.ok()) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no memory for what goes to and from the device: ", made.what));
  }
  return runner;
}

TorchRunner::TorchRunner(std::unique_ptr<DeviceNet> net, std::unique_ptr<DeviceStream> stream,
                         Options options)
    : options_(std::move(options)), net_(std::move(net)), stream_(std::move(stream)) {}

void TorchRunner::MakeStaging() {
  const int64_t rows = options_.max_rows;
  const std::vector<int64_t> in{rows, static_cast<int64_t>(layout().row_in())};
  const std::vector<int64_t> out{rows, static_cast<int64_t>(layout().row_out())};
  const auto host = torch::TensorOptions(torch::kFloat32).pinned_memory(!net_->device().is_cpu());
  const auto device = torch::TensorOptions(torch::kFloat32).device(net_->device());
  host_in_ = torch::zeros(in, host);
  host_out_ = torch::zeros(out, host);
  in_ = torch::zeros(in, device);
  out_ = torch::zeros(out, device);
}

TorchRunner::~TorchRunner() = default;

DeviceWork TorchRunner::Forward(int bucket) {
  return [this, bucket] {
    return WithTorch([&] {
      out_.narrow(0, 0, bucket).copy_((*net_)(in_.narrow(0, 0, bucket)));
      return DeviceResult();
    });
  };
}

DeviceResult TorchRunner::Capture(int bucket) {
  // Twice: libraries choose their kernels in the first run, and may use more memory for it.
  for (int run = 0; run < 2; ++run) {
    if (DeviceResult result = stream_->Run(Forward(bucket)); !result.ok()) {
      return result;
    }
  }
  if (!options_.graphs) {
    return {};
  }
  DeviceResult result = stream_->Capture(bucket, Forward(bucket));
  if (result.ok()) {
    captured_.insert(bucket);
  } else if (result.fault == DeviceFault::kFailed) {
    if (options_.warn) {
      options_.warn(absl::StrCat("batches of ", bucket,
                                 " run without a graph, since none can be made: ", result.what));
    }
    return {};
  }
  return result;
}

DeviceResult TorchRunner::Run(int bucket, int used) {
  const auto forward = Forward(bucket);
  return stream_->Run([&] {
    return WithTorch([&] {
      in_.narrow(0, 0, used).copy_(host_in_.narrow(0, 0, used), /*non_blocking=*/true);
      DeviceResult result = captured_.count(bucket) > 0 ? stream_->Replay(bucket) : forward();
      if (result.ok()) {
        host_out_.narrow(0, 0, used).copy_(out_.narrow(0, 0, used), /*non_blocking=*/true);
      }
      return result;
    });
  });
}

void TorchRunner::Drop(int bucket) {
  captured_.erase(bucket);
  stream_->Drop(bucket);
}

DeviceResult TorchRunner::ReadText(int slot, const std::string& text, bool& truncated) {
  return stream_->Run([&] {
    return WithTorch([&] {
      truncated = net_->ReadText(slot, text);
      return DeviceResult();
    });
  });
}

}  // namespace lingula
