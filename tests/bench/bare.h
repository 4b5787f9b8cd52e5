// The engine called bare, without a server.
#pragma once

#include <chrono>

#include "absl/status/statusor.h"
#include "model/engine/engine.h"
#include "server/config/cpu_share.h"

namespace lingula::bench {

// Images a second on copies of one sample, `batch` at a time, in as many passes side by side as
// `share` says.
absl::StatusOr<double> ImagesPerSecond(Engine& engine, const Sample& sample, int batch,
                                       const CpuShare& share, std::chrono::milliseconds duration);

// One pass on all cores.
CpuShare AllCores();

}  // namespace lingula::bench
