// From a checked bundle to a running network. This header is free of Torch, so servers and tools
// that include it compile fast.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "model/bundle/bundle.h"
#include "model/engine/engine.h"

namespace lingula {

struct EngineOptions {
  Precision precision = Precision::kAuto;
  // Batches up to this size run once at load, so that no request waits while kernels are made.
  int max_batch_size = 8;
};

// First call of main(): restarts the program once with OpenMP threads that spin for microseconds
// and then sleep, unless the environment sets a policy. OpenMP reads it before main() begins. Its
// default, spinning for milliseconds, cost up to 50 times the throughput when something else wanted
// the cores; sleeping at once doubled the time of a forward pass (docs/performance.md).
void WaitBriefly(char** argv);

// Lets the processor use its matrix tiles (AMX) where it has them, which engines do without: they
// promise masks that do not depend on the batch. For training. Before Torch computes anything.
void UseTiles();

// Process-wide settings of the compute libraries. Call once, before the first LoadEngine.
// `threads` of one forward pass; 0: one for each core.
void ConfigureCompute(int threads);

// Threads of each forward pass that this thread and threads yet to be started begin from now on.
void UseThreads(int threads);

// Gives memory that nothing uses back to the system: loading leaves more of it than serving needs.
void ReleaseUnusedMemory();

// Builds the network that the manifest describes and fills it, as it was trained: float32, nothing
// folded, slow. Its answers are what a golden file records. The golden file of `bundle` is not
// looked at. Errors   INVALID_ARGUMENT as LoadEngine.
absl::StatusOr<std::unique_ptr<Engine>> PlainEngine(const Bundle& bundle);

// Builds the network that the manifest describes, fills it from the weights file (every tensor
// present, none too many, shapes equal, all values finite; else INVALID_ARGUMENT naming the
// tensor), makes it fast for the processor, and runs CheckGolden. The engine keeps nothing of
// `bundle`.
absl::StatusOr<std::unique_ptr<Engine>> LoadEngine(const Bundle& bundle,
                                                   const EngineOptions& options);

// The bundle's golden samples, guided as its family guides by itself. For family languide the zones
// of the golden file make the caller's report. Errors   INVALID_ARGUMENT naming the tensor.
absl::StatusOr<std::vector<Sample>> GoldenSamples(const Bundle& bundle);

// Runs the bundle's golden samples. FAILED_PRECONDITION with the difference when it is out of the
// manifest's tolerance for the engine's arithmetic.
absl::Status CheckGolden(Engine& engine, const Bundle& bundle, bool low_precision);

// "cpu float32", "cpu bfloat16": for logs and cards.
std::string DescribeEngine(const bundle::v1::Manifest& manifest, const EngineOptions& options);

}  // namespace lingula
