#include "model/backend/load_device_engine.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/backend/device_net.h"
#include "model/backend/network_options.h"
#include "model/backend/torch_runner.h"
#include "model/base/log.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

using Instances = std::vector<std::unique_ptr<DeviceInstance>>;

// An instance that runs every batch in one bucket: samples in pieces of it, the last piece filled
// up with repetitions.
class OneBucket final : public Engine {
 public:
  OneBucket(DeviceInstance& instance, int bucket)
      : instance_(instance), bucket_(static_cast<size_t>(bucket)) {}

  int side_px() const override { return instance_.side_px(); }
  int channels() const override { return instance_.channels(); }
  bool Supports(GuidanceMode mode) const override { return instance_.Supports(mode); }
  std::vector<absl::StatusOr<Prediction>> Predict(
      absl::Span<const Sample* const> samples) override {
    std::vector<absl::StatusOr<Prediction>> answers;
    for (size_t begin = 0; begin < samples.size(); begin += bucket_) {
      std::vector<const Sample*> piece(bucket_, samples[begin]);
      const size_t used = std::min(bucket_, samples.size() - begin);
      std::copy_n(samples.begin() + begin, used, piece.begin());
      auto some = instance_.Predict(piece);
      std::move(some.begin(), some.begin() + used, std::back_inserter(answers));
    }
    return answers;
  }

 private:
  DeviceInstance& instance_;
  const size_t bucket_;
};

torch::ScalarType TypeFor(const bundle::v1::Manifest& manifest,
                          const DeviceEngineOptions& options) {
  const bool has_bfloat16 = std::all_of(
      options.devices.begin(), options.devices.end(),
      [&](const DeviceShare& device) { return options.module->HasBfloat16(device.index); });
  switch (options.precision) {
    case Precision::kBfloat16:
      return torch::kBFloat16;
    case Precision::kFloat16:
      return torch::kFloat16;
    case Precision::kFloat32:
      return torch::kFloat32;
    case Precision::kAuto:
      break;
  }
  if (manifest.arithmetic() == bundle::v1::ARITHMETIC_FLOAT16) {
    return torch::kFloat16;
  }
  return manifest.arithmetic() == bundle::v1::ARITHMETIC_BFLOAT16 && has_bfloat16 ? torch::kBFloat16
                                                                                  : torch::kFloat32;
}

absl::Status CheckPrecision(const DeviceEngineOptions& options) {
  for (const DeviceShare& device : options.devices) {
    if (options.precision == Precision::kBfloat16 && !options.module->HasBfloat16(device.index)) {
      return absl::FailedPreconditionError(
          absl::StrCat("bfloat16 was asked for, but ", CudaName(device.index),
                       " has no instructions for it; use PRECISION_AUTO or PRECISION_FLOAT16"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<DeviceInstance>> MakeInstance(const Bundle& bundle,
                                                             std::unique_ptr<DeviceNet> net,
                                                             int index,
                                                             const DeviceEngineOptions& options) {
  DeviceInstance::Options policy;
  policy.device = CudaName(index);
  policy.ways = net->ways();
  policy.warn = [device = policy.device, name = bundle.manifest.name()](const std::string& what) {
    log::Warning("device", {{"model", name}, {"device", device}, {"what", what}});
  };
  TorchRunner::Options running;
  running.max_rows = options.max_batch_size;
  running.graphs = options.graphs;
  running.warn = policy.warn;
  std::string why;
  std::unique_ptr<DeviceStream> stream = options.module->Open(index, why);
  if (stream == nullptr) {
    return absl::ResourceExhaustedError(absl::StrCat(policy.device, " cannot be used: ", why));
  }
  LINGULA_ASSIGN_OR_RETURN(
      auto runner, TorchRunner::Create(std::move(net), std::move(stream), std::move(running)));
  return std::make_unique<DeviceInstance>(std::move(runner), std::move(policy), *options.board);
}

// Captures what it can, and holds every bucket to the bundle's golden samples.
absl::Status Prove(DeviceInstance& instance, const Bundle& bundle, bool low_precision) {
  LINGULA_RETURN_IF_ERROR(instance.WarmUp());
  const std::vector<int> buckets = instance.buckets();  // may shrink meanwhile
  for (const int bucket : buckets) {
    OneBucket one(instance, bucket);
    LINGULA_RETURN_IF_ERROR(CheckGolden(one, bundle, low_precision));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<DeviceEngine>> LoadDeviceEngine(const Bundle& bundle,
                                                               const DeviceEngineOptions& options) {
  LINGULA_RETURN_IF_ERROR(CheckPrecision(options));
  // Float32 means float32, and the same picture gets the same mask.
  at::globalContext().setAllowTF32CuDNN(false);
  at::globalContext().setDeterministicCuDNN(true);
  const torch::ScalarType type = TypeFor(bundle.manifest, options);
  const FoldTypes types = FoldTypesFor(bundle.manifest, type);
  Instances instances;
  for (const DeviceShare& share : options.devices) {
    const torch::Device device =
        options.module->IsMadeUp() ? torch::Device(torch::kCPU)
                                   : torch::Device(torch::kCUDA, static_cast<int8_t>(share.index));
    options.board->Add(CudaName(share.index), [module = options.module, index = share.index] {
      return module->Memory(index);
    });
    LINGULA_ASSIGN_OR_RETURN(
        auto nets, MakeDeviceNets(bundle, types, device, share.instances, options.max_batch_size));
    for (auto& net : nets) {
      LINGULA_ASSIGN_OR_RETURN(auto instance,
                               MakeInstance(bundle, std::move(net), share.index, options));
      LINGULA_RETURN_IF_ERROR(Prove(*instance, bundle, type != torch::kFloat32));
      instances.push_back(std::move(instance));
    }
  }
  ReleaseUnusedMemory();  // the weights that were read are on the devices now
  return std::make_unique<DeviceEngine>(std::move(instances));
}

std::string DescribeDeviceEngine(const bundle::v1::Manifest& manifest,
                                 const DeviceEngineOptions& options) {
  const auto share = [](std::string* out, const DeviceShare& device) {
    absl::StrAppend(out, CudaName(device.index), " x ", device.instances);
  };
  return absl::StrCat(absl::StrJoin(options.devices, ", ", share), ", ",
                      FoldTypesText(manifest, TypeFor(manifest, options)));
}

}  // namespace lingula
