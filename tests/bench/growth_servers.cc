// What grows with how a server is set up.
#include <sched.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/backend/load_engine.h"
#include "model/base/doublings.h"
#include "model/base/status_macros.h"
#include "tests/bench/bare.h"
#include "tests/bench/growth.h"
#include "tests/bench/inputs.h"
#include "tests/bench/load.h"
#include "tests/bench/server_child.h"

namespace lingula::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kCallers = 32;  // two of the largest batches
constexpr int kConnections = 8;
constexpr int kMostBatch = 16;

struct CpuSetting {
  const char* key;
  const char* text;
};
constexpr CpuSetting kCpuSettings[] = {
    {"default", ""}, {"1_thread", "engine_threads: 1"}, {"2_instances", "instances: 2"}};

Input InputOf(const Bundle& bundle) {
  return RawOfSide(InputSpecFrom(bundle.manifest.input()).side_px);
}

absl::StatusOr<LoadResult> Saturate(const Target& target, const Input& input,
                                    Plan::Millis duration) {
  Connections connections(target.grpc, kConnections);
  return RunLoad(connections, Payload(input.request), kCallers, duration);
}

// Folders of all bundles beside `bundle`, that one first, one version of each name.
absl::StatusOr<std::vector<std::string>> Repository(const Bundle& bundle) {
  const fs::path own = fs::canonical(bundle.folder);
  std::vector<std::string> others;
  std::error_code error;
  for (fs::directory_iterator name(own.parent_path().parent_path(), error), end;
       !error && name != end; name.increment(error)) {
    const fs::path version = name->path() / own.filename();
    if (name->path() != own.parent_path() && fs::exists(version / "manifest.textproto")) {
      others.push_back(version.string());
    }
  }
  if (error) {
    return absl::NotFoundError(absl::StrCat(bundle.folder, ": ", error.message()));
  }
  std::sort(others.begin(), others.end());
  others.insert(others.begin(), own.string());
  return others;
}

// Of those that this process may use.
std::vector<int> Cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  sched_getaffinity(0, sizeof(allowed), &allowed);
  std::vector<int> cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &allowed)) {
      cores.push_back(core);
    }
  }
  return cores;
}

absl::StatusOr<Table::Row> RowOfModels(const std::vector<std::string>& bundles, const Input& input,
                                       const Plan& plan) {
  ServerSetup setup;
  setup.bundles = bundles;
  LINGULA_ASSIGN_OR_RETURN(const auto server, ServerChild::Start(setup));
  LINGULA_ASSIGN_OR_RETURN(const Memory before, server->memory());
  OneByOne one;
  for (const std::string& bundle : bundles) {
    v1::SegmentRequest request = input.request;
    request.set_model(fs::path(bundle).parent_path().filename().string());
    LINGULA_ASSIGN_OR_RETURN(const OneByOne of_this,
                             AskOneByOne(server->stub(), request, plan.growth));
    one = bundle == bundles.front() ? of_this : one;
  }
  LINGULA_ASSIGN_OR_RETURN(const Memory after, server->memory());
  LINGULA_ASSIGN_OR_RETURN(const OneByOne again,
                           AskOneByOne(server->stub(), input.request, plan.growth));
  const std::string count = absl::StrCat(bundles.size());
  Table::Row row{count, count, {}};
  row.cells = {server->ready_seconds(), before.resident_mb, after.resident_mb, one.answer_ms,
               again.answer_ms};
  LINGULA_RETURN_IF_ERROR(server->Stop());
  return row;
}

absl::StatusOr<Table::Row> RowOfCores(const std::vector<int>& cores, const CpuSetting& cpu,
                                      const Bundle& bundle, const Plan& plan) {
  ServerSetup setup;
  setup.bundles = {bundle.folder};
  setup.cpu = cpu.text;
  setup.launcher = {"/usr/bin/taskset", "-c", absl::StrJoin(cores, ",")};
  LINGULA_ASSIGN_OR_RETURN(const auto server, ServerChild::Start(setup));
  const Input input = InputOf(bundle);
  LINGULA_ASSIGN_OR_RETURN(const OneByOne one,
                           AskOneByOne(server->stub(), input.request, plan.growth));
  LINGULA_ASSIGN_OR_RETURN(const LoadResult load, Saturate(server->target(), input, plan.growth));
  LINGULA_ASSIGN_OR_RETURN(const Memory memory, server->memory());
  Table::Row row{absl::StrCat(cores.size(), "_", cpu.key),
                 absl::StrCat(cores.size(), ", ", *cpu.text == '\0' ? "as it comes" : cpu.text),
                 {}};
  row.cells = {one.answer_ms, one.beside_network_ms, load.images_per_second, load.mean_batch,
               memory.resident_mb};
  LINGULA_RETURN_IF_ERROR(server->Stop());
  return row;
}

}  // namespace

absl::Status MeasureBatches(const Bundle& bundle, const Plan& plan, Steps& steps,
                            Figures& figures) {
  Table table;
  table.key = "growth_batch";
  table.title = absl::StrCat("Saturated server (", kCallers,
                             " callers) by max_batch_size, beside its engine in batches of that "
                             "size; own: a served image less a bare one");
  table.row_head = "batch";
  table.columns = {{"engine_images_per_second", "engine, images/s"},
                   {"server_images_per_second", "server, images/s"},
                   {"mean", "mean batch"},
                   {"own_us_per_image", "own, us an image"}};
  const Input input = InputOf(bundle);
  LINGULA_ASSIGN_OR_RETURN(const auto engine, LoadEngine(bundle, EngineOptions()));
  LINGULA_ASSIGN_OR_RETURN(const Sample sample,
                           Prepare(input, InputSpecFrom(bundle.manifest.input())));
  for (const int batch : Doublings(kMostBatch)) {
    steps.Begin(absl::StrCat("batches of ", batch), 2 * plan.growth);
    ServerSetup setup;
    setup.bundles = {bundle.folder};
    setup.max_batch_size = batch;
    LINGULA_ASSIGN_OR_RETURN(const auto server, ServerChild::Start(setup));
    LINGULA_ASSIGN_OR_RETURN(const LoadResult load, Saturate(server->target(), input, plan.growth));
    LINGULA_RETURN_IF_ERROR(server->Stop());
    LINGULA_ASSIGN_OR_RETURN(const double bare,
                             ImagesPerSecond(*engine, sample, batch, server->share(), plan.growth));
    table.rows.push_back({absl::StrCat(batch),
                          absl::StrCat(batch),
                          {bare, load.images_per_second, load.mean_batch,
                           1e6 / load.images_per_second - 1e6 / bare}});
  }
  figures.AddTable(std::move(table));
  return absl::OkStatus();
}

absl::Status MeasureModels(const Bundle& bundle, const Plan& plan, Steps& steps, Figures& figures) {
  Table table;
  table.key = "growth_models";
  table.title = "Models loaded; answers one at a time, of the first model";
  table.row_head = "models";
  table.columns = {{"start_seconds", "ready, s"},
                   {"rss_mb_start", "MB then"},
                   {"rss_mb", "MB after requests to each"},
                   {"ms", "answer, ms"},
                   {"ms_after_others", "answer after the others', ms"}};
  LINGULA_ASSIGN_OR_RETURN(const std::vector<std::string> all, Repository(bundle));
  for (size_t count = 1; count <= all.size(); ++count) {
    steps.Begin(absl::StrCat(count, " models"), static_cast<int>(count + 1) * plan.growth);
    LINGULA_ASSIGN_OR_RETURN(
        table.rows.emplace_back(),
        RowOfModels({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)},
                    InputOf(bundle), plan));
  }
  figures.AddTable(std::move(table));
  return absl::OkStatus();
}

absl::Status MeasureCores(const Bundle& bundle, const Plan& plan, Steps& steps, Figures& figures) {
  Table table;
  table.key = "growth_cores";
  table.title = absl::StrCat("Cores of the server (callers use all) and settings of cpu; ",
                             kCallers, " callers for images/s");
  table.row_head = "cores, cpu";
  table.columns = {{"ms", "one answer, ms"},
                   {"beside_ms", "beside the forward pass, ms"},
                   {"images_per_second", "images/s"},
                   {"mean_batch", "mean batch"},
                   {"rss_mb", "MB"}};
  const std::vector<int> all = Cores();
  for (const int count : Doublings(static_cast<int>(all.size()))) {
    for (const CpuSetting& cpu : kCpuSettings) {
      steps.Begin(absl::StrCat(count, " cores, cpu { ", cpu.text, " }"), 2 * plan.growth);
      LINGULA_ASSIGN_OR_RETURN(table.rows.emplace_back(),
                               RowOfCores({all.begin(), all.begin() + count}, cpu, bundle, plan));
    }
  }
  figures.AddTable(std::move(table));
  return absl::OkStatus();
}

}  // namespace lingula::bench
