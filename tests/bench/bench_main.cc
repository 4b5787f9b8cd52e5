// lingula-bench: starts a real server and measures what it adds to its engine, in one run, so that
// every figure is a ratio or a difference of things measured together (docs/performance.md).
// Exit code 0 whatever the figures say, 1 when something broke, 2 usage.
#include <signal.h>

#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/backend/load_engine.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"
#include "tests/bench/allocations.h"
#include "tests/bench/duration.h"
#include "tests/bench/eager.h"
#include "tests/bench/figures.h"
#include "tests/bench/measure.h"
#include "tests/bench/others.h"

namespace lingula::bench {
namespace {

struct Flags {
  bool quick = false;
  std::string json;
  std::optional<std::string> bundle;
  std::string server;
  std::string metrics;
  std::vector<std::string> only;
  uint64_t seed = 1;
  std::optional<int> mixed;
  std::string soak;
  std::string eager, engine;
  std::string cpu;
};

constexpr char kDefaultBundle[] = "model/bundles/cxr-sgseg-compact/1";
constexpr char kDefaultStreamBundle[] = "model/bundles/polyp-prolearn-compact/1";
constexpr double kQuiet = 0.05;  // share of the processor that others may use

absl::StatusOr<Wanted> WantedBy(const Flags& flags) {
  Wanted wanted;
  wanted.plan = flags.quick ? Plan::Quick() : Plan::Full();
  wanted.seed = flags.seed;
  wanted.cpu = flags.cpu;
  wanted.stream_bundle = flags.bundle.value_or(kDefaultStreamBundle);
  if (!flags.only.empty()) {
    wanted.parts = {flags.only.begin(), flags.only.end()};
  }
  wanted.plan.mixed_requests = flags.mixed.value_or(wanted.plan.mixed_requests);
  if (!flags.soak.empty()) {
    LINGULA_ASSIGN_OR_RETURN(wanted.soak, ParseDuration(flags.soak));
  }
  return wanted;
}

// What was measured where, for the line below the table and for the JSON.
struct Run {
  Figures figures;
  std::string model, engine;
  // Of the processor; not known beside a server that may run on this machine too.
  std::optional<double> others_share;
};

absl::StatusOr<Run> Measure(const Flags& flags) {
  Run run;
  LINGULA_ASSIGN_OR_RETURN(const Wanted wanted, WantedBy(flags));
  const OthersAtWork others;
  if (flags.server.empty()) {
    LINGULA_ASSIGN_OR_RETURN(const Bundle bundle,
                             OpenBundle(flags.bundle.value_or(kDefaultBundle)));
    LINGULA_ASSIGN_OR_RETURN(run.figures, MeasureOwnServer(bundle, wanted));
    run.model = absl::StrCat(bundle.manifest.name(), "@", bundle.manifest.version());
    run.engine = DescribeEngine(bundle.manifest, EngineOptions());
    run.others_share = others.Share();
  } else {
    const Target target{flags.server, flags.metrics, 0};
    LINGULA_ASSIGN_OR_RETURN(run.figures, MeasureServerAt(target, wanted));
    run.model = absl::StrCat("the default of ", flags.server);
    run.engine = "its engine is not known";
  }
  return run;
}

absl::Status MeasureAndTell(const Flags& flags) {
  LINGULA_ASSIGN_OR_RETURN(const Run run, Measure(flags));
  const unsigned cores = std::thread::hardware_concurrency();
  const double others = run.others_share.value_or(0);
  const bool quiet = others <= kQuiet;
  PrintTable(run.figures, quiet, std::cout);
  std::cout << absl::StreamFormat("\n%s, %s, %u cores", run.model, run.engine, cores);
  if (run.others_share.has_value()) {
    std::cout << absl::StreamFormat("; others used %.0f %% of the processor meanwhile%s",
                                    100 * others, quiet ? "" : ": measure again when they rest");
  }
  std::cout << "\n";
  if (flags.json.empty()) {
    return absl::OkStatus();
  }
  nlohmann::json json = ToJson(run.figures);
  json["model"] = run.model;
  json["engine"] = run.engine;
  json["cores"] = cores;
  if (run.others_share.has_value()) {
    json["others_share"] = others;
  }
  json["quick"] = flags.quick;
  json["seed"] = flags.seed;
  return WriteFile(flags.json, json.dump(2) + "\n");
}

void AddFlags(CLI::App& app, Flags& flags) {
  app.add_flag("--quick", flags.quick, "About a minute instead of a quarter of an hour");
  app.add_option("--json", flags.json, "Also write the figures here")->type_name("FILE");
  app.add_option("--bundle", flags.bundle,
                 absl::StrCat("Bundle to serve; default: ", kDefaultBundle, ", for streams ",
                              kDefaultStreamBundle))
      ->type_name("DIR");
  app.add_option("--cpu", flags.cpu,
                 "What the server's configuration says under cpu, as in 'instances: 2'")
      ->type_name("TEXTPROTO");
  app.add_option("--server", flags.server,
                 "Ask this server instead of starting one; leaves out what needs its engine")
      ->type_name("HOST:PORT");
  app.add_option("--metrics", flags.metrics, "Where that server's metrics are")
      ->type_name("HOST:PORT")
      ->needs("--server");
  app.add_option("--only", flags.only, "Measure these parts only")
      ->delimiter(',')
      ->check(CLI::IsMember(
          {kOwnCost, kThroughput, kGoodput, kMixed, kEngines, kStreams, kAllocations, kGrowth}));
  app.add_option("--mixed", flags.mixed, "How many mixed requests")
      ->check(CLI::Range(100, 10'000'000))
      ->type_name("N");
  app.add_option("--soak", flags.soak,
                 "Instead: this long at half the peak (90s, 10m, 1h), and how memory grew")
      ->check([](const std::string& text) {
        return std::string(ParseDuration(text).status().message());
      })
      ->type_name("DURATION");
  app.add_option("--seed", flags.seed, "Of arrivals, deadlines and cancellations")
      ->capture_default_str();
  // Hidden: tests/bench/eager.h, tests/bench/allocations.h.
  app.add_option(kEagerFlag, flags.eager)->group("");
  app.add_option(kEngineFlag, flags.engine)->group("");
}

}  // namespace
}  // namespace lingula::bench

int main(int argc, char** argv) {
  lingula::bench::Flags flags;
  CLI::App app("Measures a server against its own engine, and that against plain LibTorch");
  lingula::bench::AddFlags(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (!flags.eager.empty()) {
    return lingula::bench::RunEager(flags.eager);
  }
  if (!flags.engine.empty()) {
    return lingula::bench::RunEngine(flags.engine);
  }
  // What is called bare waits as the server does.
  lingula::WaitBriefly(argv);
  signal(SIGPIPE, SIG_IGN);  // a child that has ended shows as an error of the write
  const absl::Status status = lingula::bench::MeasureAndTell(flags);
  if (!status.ok()) {
    std::cerr << "lingula-bench: " << status.message() << "\n";
    return 1;
  }
  return 0;
}
