#include "server/load_gpus.h"

#include <utility>

#include "model/base/status_macros.h"

namespace lingula {
namespace {

// Shared, because a model's batch threads each want an engine, and any may be the last to let go.
class SharedEngine final : public Engine {
 public:
  explicit SharedEngine(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}

  int side_px() const override { return engine_->side_px(); }
  int channels() const override { return engine_->channels(); }
  bool Supports(GuidanceMode mode) const override { return engine_->Supports(mode); }
  bool ReadsFreeText() const override { return engine_->ReadsFreeText(); }
  std::vector<absl::StatusOr<Prediction>> Predict(
      absl::Span<const Sample* const> samples) override {
    return engine_->Predict(samples);
  }

 private:
  const std::shared_ptr<Engine> engine_;
};

}  // namespace

absl::StatusOr<Gpus> OpenGpus(const ServerConfig& config, DeviceBoard& board) {
  Gpus gpus;
  gpus.board = &board;
  if (!config.gpus.empty()) {
    LINGULA_ASSIGN_OR_RETURN(gpus.module, OpenCuda(config.gpus));
  }
  return gpus;
}

DeviceEngineOptions GpuEngineOptions(const ServerConfig& config, const Gpus& gpus) {
  DeviceEngineOptions options;
  options.devices = config.gpus;
  options.module = gpus.module;
  options.board = gpus.board;
  options.max_batch_size = config.batching.max_batch_size;
  options.precision = config.gpu_precision;
  options.on_processor = gpus.on_processor;
  return options;
}

absl::StatusOr<std::vector<std::unique_ptr<Engine>>> LoadOnGpus(const Bundle& bundle,
                                                                const ServerConfig& config,
                                                                const Gpus& gpus) {
  LINGULA_ASSIGN_OR_RETURN(std::unique_ptr<DeviceEngine> loaded,
                           LoadDeviceEngine(bundle, GpuEngineOptions(config, gpus)));
  const int instances = loaded->instances();
  const std::shared_ptr<Engine> engine = std::move(loaded);
  std::vector<std::unique_ptr<Engine>> engines;
  for (int i = 0; i < instances; ++i) {
    engines.push_back(std::make_unique<SharedEngine>(engine));
  }
  return engines;
}

}  // namespace lingula
