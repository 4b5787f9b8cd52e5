// lingula-gpu-bench: the engine on a GPU against bare LibTorch on the same GPU, and against what
// the chip does in a plain matrix product, all in one run: `./dev bench gpu`. Exit code 0 whatever
// the figures say, 1 when something broke, 2 usage, 77 where there is no GPU.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <torch/torch.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "model/backend/load_device_engine.h"
#include "model/backend/load_engine.h"
#include "model/base/clock.h"
#include "model/base/status_macros.h"
#include "tests/bench/bare_net.h"
#include "tests/model/nets/mac_counter.h"

namespace lingula::bench {
namespace {

constexpr int kSkipped = 77;
constexpr int kRounds = 5;  // of which the best counts: others may use the GPU
constexpr std::chrono::milliseconds kRound(400);
const char* const kBundles[] = {"model/bundles/cxr-sgseg-compact/1",
                                "model/bundles/cxr-prolearn-compact/1",
                                "model/bundles/polyp-prolearn-compact/1"};

// Calls a second of `run`, which returns when the device is done.
template <typename Run>
double Rate(const Run& run) {
  run();
  double best = 0;
  for (int round = 0; round < kRounds; ++round) {
    int calls = 0;
    const Instant start = Clock::Real().Now();
    Instant now = start;
    for (; now - start < kRound; now = Clock::Real().Now()) {
      run();
      ++calls;
    }
    best = std::max(best, calls / std::chrono::duration<double>(now - start).count());
  }
  return best;
}

torch::Device Gpu() {
  return torch::Device(torch::kCUDA, 0);
}

// Multiply-accumulates a second of a large matrix product.
double MatrixRate(torch::ScalarType type) {
  constexpr int64_t kSide = 8192, kProducts = 4;
  const torch::InferenceMode inference;
  const auto a = torch::randn({kSide, kSide}, torch::TensorOptions(type).device(Gpu()));
  const double rate = Rate([&] {
    torch::Tensor product;
    for (int64_t i = 0; i < kProducts; ++i) {
      product = a.matmul(a);
    }
    static_cast<void>(product.select(0, 0).select(0, 0).item());
  });
  return rate * kProducts * static_cast<double>(kSide) * kSide * kSide;
}

double BareRate(const BareNet& net, const InputSpec& spec, int batch) {
  const torch::InferenceMode inference;
  const auto images = torch::randn({batch, 3, spec.side_px, spec.side_px},
                                   torch::TensorOptions(torch::kFloat32).device(Gpu()));
  return batch * Rate([&] { static_cast<void>(torch::sigmoid(net(images)).cpu()); });
}

// With as many callers as the engine has instances.
double EngineRate(DeviceEngine& engine, const Sample& sample, int batch) {
  const std::vector<const Sample*> samples(batch, &sample);
  std::vector<double> rates(engine.instances());
  std::vector<std::thread> callers;
  for (double& rate : rates) {
    callers.emplace_back([&] { rate = Rate([&] { engine.Predict(samples); }); });
  }
  double sum = 0;
  for (size_t i = 0; i < callers.size(); ++i) {
    callers[i].join();
    sum += rates[i];
  }
  return batch * sum;
}

// On the processor, whose operators the counter knows.
absl::StatusOr<double> Macs(const Bundle& bundle, const InputSpec& spec) {
  LINGULA_ASSIGN_OR_RETURN(const BareNet net, LoadBareNet(bundle, torch::kCPU));
  const torch::InferenceMode inference;
  const test::MacCounter counter;
  net(torch::randn({1, 3, spec.side_px, spec.side_px}));
  return static_cast<double>(counter.macs());
}

absl::Status Measure(const std::string& folder, const DeviceModule& module, double matrix_rate,
                     nlohmann::json& json) {
  LINGULA_ASSIGN_OR_RETURN(const Bundle bundle, OpenBundle(folder));
  LINGULA_ASSIGN_OR_RETURN(const BareNet bare, LoadBareNet(bundle, Gpu()));
  LINGULA_ASSIGN_OR_RETURN(const std::vector<Sample> samples, GoldenSamples(bundle));
  const InputSpec spec = InputSpecFrom(bundle.manifest.input());
  LINGULA_ASSIGN_OR_RETURN(const double macs, Macs(bundle, spec));
  for (const int instances : {1, 2}) {
    DeviceBoard board;
    DeviceEngineOptions options;
    options.devices = {{0, instances}};
    options.module = &module;
    options.board = &board;
    options.max_batch_size = 32;
    LINGULA_ASSIGN_OR_RETURN(const auto engine, LoadDeviceEngine(bundle, options));
    for (const int batch : {1, 8, 32}) {
      const double ours = EngineRate(*engine, samples.front(), batch);
      const double theirs = BareRate(bare, spec, batch);
      const double share = ours * macs / matrix_rate;
      std::cout << absl::StrFormat(
          "%-36s %-28s batch %2d: %9.1f images/s, bare %9.1f, %5.2fx, "
          "%5.1f %% of the matrix rate\n",
          folder, DescribeDeviceEngine(bundle.manifest, options), batch, ours, theirs,
          ours / theirs, 100 * share);
      json.push_back({{"bundle", folder},
                      {"instances", instances},
                      {"batch", batch},
                      {"images_per_second", ours},
                      {"bare_images_per_second", theirs},
                      {"ratio", ours / theirs},
                      {"matrix_rate_share", share}});
    }
  }
  return absl::OkStatus();
}

absl::Status Run(const DeviceModule& module, const std::string& path) {
  const double matrix_rate = MatrixRate(module.HasBfloat16(0) ? torch::kBFloat16 : torch::kFloat16);
  std::cout << absl::StrFormat("matrix product, half precision: %.1f TMAC/s\n", matrix_rate / 1e12);
  nlohmann::json json = {{"matrix_macs_per_second", matrix_rate},
                         {"runs", nlohmann::json::array()}};
  for (const char* folder : kBundles) {
    LINGULA_RETURN_IF_ERROR(Measure(folder, module, matrix_rate, json["runs"]));
  }
  if (!path.empty() && !(std::ofstream(path) << json.dump(2) << "\n")) {
    return absl::PermissionDeniedError(path + ": cannot be written");
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace lingula::bench

int main(int argc, char** argv) {
  std::string json;
  CLI::App app("Measures engines on cuda:0 against bare LibTorch there.");
  app.add_option("--json", json, "Writes the figures to FILE")->type_name("FILE");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;  // help is no mistake
  }
  const auto module = lingula::OpenCuda({{0, 1}});
  if (!module.ok()) {
    std::cout << "skipped: " << module.status().message() << "\n";
    return lingula::bench::kSkipped;
  }
  lingula::ConfigureCompute(1);
  const absl::Status status = lingula::bench::Run(**module, json);
  if (!status.ok()) {
    std::cerr << "lingula-gpu-bench: " << status.message() << "\n";
    return 1;
  }
  return 0;
}
