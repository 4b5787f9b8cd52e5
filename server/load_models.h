// Which bundles are served, and their engines.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/config/cpu_share.h"
#include "server/config/server_config.h"
#include "server/load_gpus.h"
#include "server/service/model_lifecycle.h"
#include "server/service/model_table.h"

namespace lingula {

// Folders by name of the bundle, the one to be tried first in front. Models that the configuration
// names have one each; of a repository as a whole every name has all its versions, the highest
// first. Errors   NOT_FOUND when the repository or a named model is not there.
absl::StatusOr<std::vector<std::vector<std::string>>> FoldersToServe(const ServerConfig& config);

// How this machine's cores are shared.
CpuShare CpuShareHere(const ServerConfig& config);

// Loads them. A bundle that is refused (digest, tensors, golden run, ...) is logged with the
// reason and added to `refused`, and the next lower version serves in its place; a name of which
// none is good is left out. Errors   those of the bundle when the configuration names it, or when
// nothing at all can be served.
absl::StatusOr<std::vector<ModelSource>> LoadModels(const ServerConfig& config,
                                                    const Gpus& gpus = {},
                                                    std::vector<RefusedModel>* refused = nullptr);

// How the server gets models later: each loaded as those above.
ModelSupply SupplyFrom(const ServerConfig& config, const Gpus& gpus = {});

}  // namespace lingula
