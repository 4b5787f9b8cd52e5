// lingula-bench: starts a real server and measures what it adds to its engine, in one run, so that
// every figure is a ratio or a difference of things measured together (docs/performance.md).
// Exit code 0 whatever the figures say, 1 when something broke, 2 usage.
#include <signal.h>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/backend/load_engine.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"
#include "tests/bench/eager.h"
#include "tests/bench/figures.h"
#include "tests/bench/inputs.h"
#include "tests/bench/others.h"
#include "tests/bench/own_cost.h"
#include "tests/bench/plan.h"
#include "tests/bench/progress.h"
#include "tests/bench/rates.h"
#include "tests/bench/server_child.h"

namespace lingula::bench {
namespace {

struct Flags {
  bool quick = false;
  std::string json;
  std::string bundle = "model/bundles/cxr-sgseg-compact/1";
  std::string eager;
};

constexpr double kMemoryAim_mb = 700;
constexpr double kFirstAnswerAim_s = 3;
constexpr double kQuiet = 0.05;  // share of the processor that others may use

std::chrono::milliseconds Planned(const Plan& plan) {
  return plan.start + plan.own_cost +
         plan.rounds * (plan.server_load + 4 * plan.static_batch + 3 * plan.engine_comparison);
}

absl::Status MeasureStart(ServerChild& server, Figures& figures) {
  v1::SegmentResponse response;
  grpc::ClientContext context;
  const grpc::Status status = server.stub().Segment(&context, Jpeg1024().request, &response);
  if (!status.ok()) {
    return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                        absl::StrCat("the first answer: ", status.error_message()));
  }
  const std::chrono::duration<double> answered = Clock::Real().Now() - server.started();
  figures.Add("start_seconds", server.ready_seconds(), "server: from exec to its ready line");
  figures.Add("first_answer_seconds", answered.count(), "server: from exec to its first answer",
              AtMost(kFirstAnswerAim_s));
  return absl::OkStatus();
}

absl::Status MeasureMemory(const ServerChild& server, Figures& figures) {
  LINGULA_ASSIGN_OR_RETURN(const Memory memory, server.memory());
  figures.Add("rss_mb", memory.resident_mb, "server: resident after the load, one bundle",
              AtMost(kMemoryAim_mb));
  figures.Add("rss_peak_mb", memory.peak_mb, "server: highest until then");
  return absl::OkStatus();
}

absl::StatusOr<Figures> Measure(const Bundle& bundle, const Plan& plan) {
  Figures figures, start;
  Steps steps(Planned(plan));
  // Processes first: a program with threads cannot fork safely.
  LINGULA_ASSIGN_OR_RETURN(EagerChild eager, EagerChild::Start(bundle.folder));
  steps.Begin("starting the server", plan.start / 2);
  LINGULA_ASSIGN_OR_RETURN(const auto server, ServerChild::Start(bundle.folder));
  LINGULA_RETURN_IF_ERROR(MeasureStart(*server, start));
  steps.Begin("loading the engine", plan.start / 2);
  ConfigureCompute(0);
  EngineOptions fp32;
  fp32.precision = Precision::kFloat32;
  LINGULA_ASSIGN_OR_RETURN(const auto engine, LoadEngine(bundle, EngineOptions()));
  LINGULA_ASSIGN_OR_RETURN(const auto engine_fp32, LoadEngine(bundle, fp32));
  const InputSpec spec = InputSpecFrom(bundle.manifest.input());
  LINGULA_RETURN_IF_ERROR(MeasureOwnCost(*server, *engine, spec, plan, steps, figures));
  LINGULA_RETURN_IF_ERROR(MeasureThroughput(*server, *engine, spec, plan, steps, figures));
  LINGULA_RETURN_IF_ERROR(MeasureMemory(*server, start));
  LINGULA_RETURN_IF_ERROR(server->Stop());
  LINGULA_RETURN_IF_ERROR(MeasureEngines(eager, *engine, *engine_fp32, spec, plan, steps, figures));
  for (const Figure& figure : start.all()) {
    figures.Add(figure.key, figure.value, figure.meaning, figure.aim);
  }
  return figures;
}

absl::Status Run(const Flags& flags) {
  LINGULA_ASSIGN_OR_RETURN(const Bundle bundle, OpenBundle(flags.bundle));
  const OthersAtWork others;
  LINGULA_ASSIGN_OR_RETURN(const Figures figures,
                           Measure(bundle, flags.quick ? Plan::Quick() : Plan::Full()));
  const double others_share = others.Share();
  const std::string model = absl::StrCat(bundle.manifest.name(), "@", bundle.manifest.version());
  const unsigned cores = std::thread::hardware_concurrency();
  const std::string engine = DescribeEngine(bundle.manifest, EngineOptions());
  PrintTable(figures, others_share <= kQuiet, std::cout);
  std::cout << absl::StreamFormat(
      "\n%s, %s, %u cores; others used %.0f %% of the processor meanwhile%s\n", model, engine,
      cores, 100 * others_share, others_share > kQuiet ? ": measure again when they rest" : "");
  if (flags.json.empty()) {
    return absl::OkStatus();
  }
  nlohmann::json json = ToJson(figures);
  json["model"] = model;
  json["engine"] = engine;
  json["cores"] = cores;
  json["others_share"] = others_share;
  json["quick"] = flags.quick;
  return WriteFile(flags.json, json.dump(2) + "\n");
}

}  // namespace
}  // namespace lingula::bench

int main(int argc, char** argv) {
  lingula::bench::Flags flags;
  CLI::App app("Measures a server against its own engine, and that against plain LibTorch");
  app.add_flag("--quick", flags.quick, "About half a minute instead of three and a half");
  app.add_option("--json", flags.json, "Also write the figures here")->type_name("FILE");
  app.add_option("--bundle", flags.bundle, "Bundle to serve")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option(lingula::bench::kEagerFlag, flags.eager)
      ->group("");  // hidden: tests/bench/eager.h
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (!flags.eager.empty()) {
    return lingula::bench::RunEager(flags.eager);
  }
  // What is called bare waits as the server does.
  lingula::WaitBriefly(argv);
  signal(SIGPIPE, SIG_IGN);  // a child that has ended shows as an error of the write
  const absl::Status status = lingula::bench::Run(flags);
  if (!status.ok()) {
    std::cerr << "lingula-bench: " << status.message() << "\n";
    return 1;
  }
  return 0;
}
