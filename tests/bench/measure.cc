#include "tests/bench/measure.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "model/backend/load_engine.h"
#include "model/base/status_macros.h"
#include "tests/bench/eager.h"
#include "tests/bench/goodput.h"
#include "tests/bench/inputs.h"
#include "tests/bench/mixed.h"
#include "tests/bench/own_cost.h"
#include "tests/bench/own_servers.h"
#include "tests/bench/progress.h"
#include "tests/bench/rates.h"
#include "tests/bench/server_child.h"
#include "tests/bench/soak.h"
#include "tests/bench/streams.h"
#include "tests/bench/wire.h"

namespace lingula::bench {
namespace {

constexpr double kMemoryAim_mb = 700;
constexpr double kFirstAnswerAim_s = 3;
constexpr int kSideElsewhere_px = 224;  // what the shipped networks read

Plan::Millis TimeFor(const Wanted& wanted) {
  const Plan& plan = wanted.plan;
  Plan::Millis time = plan.start;
  time += wanted.Has(kOwnCost) ? plan.own_cost : Plan::Millis(0);
  time += wanted.Has(kThroughput) ? plan.rounds * (plan.server_load + 8 * plan.static_batch)
                                  : Plan::Millis(0);
  time += wanted.Has(kGoodput) ? GoodputTime(plan) : Plan::Millis(0);
  time += wanted.Has(kMixed) ? plan.peak + plan.mixed : Plan::Millis(0);
  time += wanted.Has(kEngines) ? plan.rounds * 3 * plan.engine_comparison : Plan::Millis(0);
  return time + OwnServersTime(wanted);
}

absl::Status MeasureStart(ServerChild& server, Figures& figures) {
  v1::SegmentResponse response;
  grpc::ClientContext context;
  const grpc::Status status = server.stub().Segment(&context, Jpeg1024().request, &response);
  if (!status.ok()) {
    return StatusOf(status, "the first answer");
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

// What any server can be asked.
absl::Status MeasureFromOutside(const Target& target, int side_px, const Wanted& wanted,
                                Steps& steps, Figures& figures) {
  if (wanted.Has(kGoodput)) {
    LINGULA_RETURN_IF_ERROR(
        MeasureGoodput(target, RawOfSide(side_px), wanted.seed, wanted.plan, steps, figures));
  }
  if (wanted.Has(kMixed)) {
    LINGULA_RETURN_IF_ERROR(
        MeasureMixed(target, side_px, wanted.seed, wanted.plan, steps, figures));
  }
  if (wanted.soak.has_value()) {
    return MeasureSoak(target, side_px, wanted.seed, *wanted.soak, figures);
  }
  return absl::OkStatus();
}

// What needs the engine that the server has, called bare.
absl::Status MeasureBesideEngine(ServerChild& server, const Bundle& bundle, const Wanted& wanted,
                                 Steps& steps, Figures& figures) {
  if (!wanted.Has(kOwnCost) && !wanted.Has(kThroughput)) {
    return absl::OkStatus();
  }
  steps.Begin("loading the engine", wanted.plan.start / 4);
  LINGULA_ASSIGN_OR_RETURN(const auto engine, LoadEngine(bundle, EngineOptions()));
  const InputSpec spec = InputSpecFrom(bundle.manifest.input());
  if (wanted.Has(kOwnCost)) {
    LINGULA_RETURN_IF_ERROR(MeasureOwnCost(server, *engine, spec, wanted.plan, steps, figures));
  }
  if (wanted.Has(kThroughput)) {
    LINGULA_RETURN_IF_ERROR(MeasureThroughput(server, *engine, spec, wanted.plan, steps, figures));
  }
  return absl::OkStatus();
}

absl::Status MeasureEnginesAlone(EagerChild& eager, const Bundle& bundle, const Wanted& wanted,
                                 Steps& steps, Figures& figures) {
  if (!wanted.Has(kEngines)) {
    return absl::OkStatus();
  }
  steps.Begin("loading two engines", wanted.plan.start / 4);
  EngineOptions fp32;
  fp32.precision = Precision::kFloat32;
  LINGULA_ASSIGN_OR_RETURN(const auto engine, LoadEngine(bundle, EngineOptions()));
  LINGULA_ASSIGN_OR_RETURN(const auto engine_fp32, LoadEngine(bundle, fp32));
  return MeasureEngines(eager, *engine, *engine_fp32, InputSpecFrom(bundle.manifest.input()),
                        wanted.plan, steps, figures);
}

}  // namespace

absl::StatusOr<Figures> MeasureOwnServer(const Bundle& bundle, const Wanted& wanted) {
  Figures figures, start;
  Steps steps(TimeFor(wanted));
  LINGULA_ASSIGN_OR_RETURN(EagerChild eager, EagerChild::Start(bundle.folder));
  steps.Begin("starting the server", wanted.plan.start / 2);
  LINGULA_ASSIGN_OR_RETURN(const auto server, ServerChild::Start(bundle.folder, wanted.cpu));
  LINGULA_RETURN_IF_ERROR(MeasureStart(*server, start));
  ConfigureCompute(0);  // once in a process
  LINGULA_RETURN_IF_ERROR(MeasureBesideEngine(*server, bundle, wanted, steps, figures));
  const int side_px = InputSpecFrom(bundle.manifest.input()).side_px;
  LINGULA_RETURN_IF_ERROR(MeasureFromOutside(server->target(), side_px, wanted, steps, figures));
  LINGULA_RETURN_IF_ERROR(MeasureMemory(*server, start));
  LINGULA_RETURN_IF_ERROR(server->Stop());
  LINGULA_RETURN_IF_ERROR(MeasureEnginesAlone(eager, bundle, wanted, steps, figures));
  LINGULA_RETURN_IF_ERROR(MeasureWithOwnServers(bundle, wanted, steps, figures));
  for (const Figure& figure : start.all()) {
    figures.Add(figure.key, figure.value, figure.meaning, figure.aim);
  }
  return figures;
}

absl::StatusOr<Figures> MeasureServerAt(const Target& target, const Wanted& wanted) {
  Figures figures;
  Steps steps(TimeFor(wanted));
  LINGULA_RETURN_IF_ERROR(MeasureFromOutside(target, kSideElsewhere_px, wanted, steps, figures));
  if (wanted.Has(kStreams)) {
    LINGULA_RETURN_IF_ERROR(
        MeasureStreams(target, kSideElsewhere_px, wanted.seed, wanted.plan, steps, figures));
  }
  return figures;
}

}  // namespace lingula::bench
