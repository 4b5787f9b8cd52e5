#include "server/load_models.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "model/backend/load_engine.h"
#include "model/base/cores.h"
#include "model/base/log.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"
#include "server/batching/measure_costs.h"

namespace lingula {
namespace {

EngineOptions EngineOptionsFrom(const ServerConfig& config) {
  EngineOptions options;
  options.max_batch_size = config.batching.max_batch_size;
  options.precision = config.precision;
  return options;
}

// On the GPUs, where there are any.
absl::StatusOr<std::unique_ptr<Engine>> LoadHere(const Bundle& bundle, const ServerConfig& config,
                                                 const Gpus& gpus) {
  if (gpus.module != nullptr) {
    return LoadDeviceEngine(bundle, GpuEngineOptions(config, gpus));
  }
  return LoadEngine(bundle, EngineOptionsFrom(config));
}

std::string Describe(const Bundle& bundle, const ServerConfig& config, const Gpus& gpus) {
  return gpus.module != nullptr
             ? DescribeDeviceEngine(bundle.manifest, GpuEngineOptions(config, gpus))
             : DescribeEngine(bundle.manifest, EngineOptionsFrom(config));
}

absl::StatusOr<ModelSource> LoadOne(const std::string& folder, const ServerConfig& config,
                                    const Gpus& gpus) {
  const Instant start = Clock::Real().Now();
  LINGULA_ASSIGN_OR_RETURN(const Bundle bundle, OpenBundle(folder));
  LINGULA_ASSIGN_OR_RETURN(std::unique_ptr<Engine> engine, LoadHere(bundle, config, gpus));
  log::Info("model loaded", {{"name", bundle.manifest.name()},
                             {"version", bundle.manifest.version()},
                             {"weights_sha256", bundle.weights_sha256},
                             {"engine", Describe(bundle, config, gpus)}});
  LINGULA_ASSIGN_OR_RETURN(const std::vector<Sample> samples, GoldenSamples(bundle));
  const CpuShare share = CpuShareHere(config);
  const int instances = gpus.module != nullptr ? GpuInstances(config) : share.instances;
  LINGULA_ASSIGN_OR_RETURN(std::vector<BatchCost> costs,
                           MeasureCosts(*engine, samples.front(), config.batching.max_batch_size,
                                        instances, Clock::Real()));
  LINGULA_ASSIGN_OR_RETURN(ModelSource source, SourceFrom(bundle, std::move(engine)));
  source.costs = std::move(costs);
  source.load_time = std::chrono::microseconds(MicrosBetween(start, Clock::Real().Now()));
  source.instances = instances;
  if (gpus.module == nullptr) {  // a device has its memory from the start
    source.warm_up = samples.front();
  }
  if (config.pin_threads && gpus.module == nullptr) {
    const std::vector<int> allowed = AllowedCores();
    for (int i = 0; i < share.instances; ++i) {
      source.cores.push_back(CoresOfInstance(allowed, i, share.threads));
    }
  }
  return source;
}

}  // namespace

CpuShare CpuShareHere(const ServerConfig& config) {
  return ShareCpu(config, static_cast<int>(std::max<size_t>(1, AllowedCores().size())));
}

absl::StatusOr<std::vector<std::vector<std::string>>> FoldersToServe(const ServerConfig& config) {
  std::vector<std::vector<std::string>> folders;
  for (const ServedModel& model : config.models) {
    LINGULA_ASSIGN_OR_RETURN(const std::string folder,
                             FindBundle(config.model_repository, model.name, model.version));
    folders.push_back({folder});
  }
  if (!folders.empty()) {
    return folders;
  }
  LINGULA_ASSIGN_OR_RETURN(const std::vector<std::string> all,
                           FindBundles(config.model_repository));
  std::filesystem::path name;
  for (const std::string& folder : all) {  // by name, then from the lowest version
    const auto parent = std::filesystem::path(folder).parent_path();
    if (folders.empty() || parent != name) {
      folders.emplace_back();
      name = parent;
    }
    folders.back().insert(folders.back().begin(), folder);
  }
  if (folders.empty()) {
    return absl::NotFoundError(
        absl::StrCat(config.model_repository, ": no <name>/<version>/", kManifestFile, " in it"));
  }
  return folders;
}

absl::StatusOr<std::vector<ModelSource>> LoadModels(const ServerConfig& config, const Gpus& gpus,
                                                    std::vector<RefusedModel>* refused) {
  LINGULA_ASSIGN_OR_RETURN(const auto names, FoldersToServe(config));
  std::vector<ModelSource> sources;
  absl::Status last;
  for (const std::vector<std::string>& versions : names) {
    for (const std::string& folder : versions) {
      absl::StatusOr<ModelSource> source = LoadOne(folder, config, gpus);
      if (source.ok()) {
        sources.push_back(*std::move(source));
        break;
      }
      if (!config.models.empty()) {
        return source.status();
      }
      last = source.status();
      log::Error("bundle refused", {{"folder", folder}, {"reason", last.message()}});
      if (refused != nullptr) {
        refused->push_back({folder, last});
      }
    }
  }
  return sources.empty() ? absl::StatusOr<std::vector<ModelSource>>(last) : std::move(sources);
}

ModelSupply SupplyFrom(const ServerConfig& config, const Gpus& gpus) {
  ModelSupply supply;
  supply.devices = gpus.board;
  supply.load = [config, gpus](const std::string& folder) { return LoadOne(folder, config, gpus); };
  supply.release_memory = ReleaseUnusedMemory;
  return supply;
}

}  // namespace lingula
