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

absl::StatusOr<ModelSource> LoadOne(const std::string& folder, const ServerConfig& config) {
  const EngineOptions options = EngineOptionsFrom(config);
  LINGULA_ASSIGN_OR_RETURN(const Bundle bundle, OpenBundle(folder));
  LINGULA_ASSIGN_OR_RETURN(std::unique_ptr<Engine> engine, LoadEngine(bundle, options));
  log::Info("model loaded", {{"name", bundle.manifest.name()},
                             {"version", bundle.manifest.version()},
                             {"weights_sha256", bundle.weights_sha256},
                             {"engine", DescribeEngine(bundle.manifest, options)}});
  LINGULA_ASSIGN_OR_RETURN(const std::vector<Sample> samples, GoldenSamples(bundle));
  LINGULA_ASSIGN_OR_RETURN(std::vector<BatchCost> costs,
                           MeasureCosts(*engine, samples.front(), options.max_batch_size,
                                        CpuShareHere(config).instances, Clock::Real()));
  LINGULA_ASSIGN_OR_RETURN(ModelSource source, SourceFrom(bundle, std::move(engine)));
  source.costs = std::move(costs);
  const CpuShare share = CpuShareHere(config);
  source.instances = share.instances;
  if (config.pin_threads) {
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

absl::StatusOr<std::vector<ModelSource>> LoadModels(const ServerConfig& config) {
  LINGULA_ASSIGN_OR_RETURN(const auto names, FoldersToServe(config));
  std::vector<ModelSource> sources;
  absl::Status last;
  for (const std::vector<std::string>& versions : names) {
    for (const std::string& folder : versions) {
      absl::StatusOr<ModelSource> source = LoadOne(folder, config);
      if (source.ok()) {
        sources.push_back(*std::move(source));
        break;
      }
      if (!config.models.empty()) {
        return source.status();
      }
      last = source.status();
      log::Error("bundle refused", {{"folder", folder}, {"reason", last.message()}});
    }
  }
  return sources.empty() ? absl::StatusOr<std::vector<ModelSource>>(last) : std::move(sources);
}

ModelSupply SupplyFrom(const ServerConfig& config) {
  ModelSupply supply;
  supply.load = [config](const std::string& folder) { return LoadOne(folder, config); };
  supply.release_memory = ReleaseUnusedMemory;
  return supply;
}

}  // namespace lingula
