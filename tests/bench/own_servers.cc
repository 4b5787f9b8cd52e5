#include "tests/bench/own_servers.h"

#include "model/base/status_macros.h"
#include "model/image/preprocess.h"
#include "tests/bench/allocations.h"
#include "tests/bench/growth.h"
#include "tests/bench/server_child.h"
#include "tests/bench/streams.h"

namespace lingula::bench {
namespace {

constexpr int kGrowthCells = 60;  // about, on a machine of few cores

absl::Status MeasureGrowth(const Bundle& bundle, const Bundle& stream_bundle, const Wanted& wanted,
                           Steps& steps, Figures& figures) {
  const Plan& plan = wanted.plan;
  LINGULA_RETURN_IF_ERROR(MeasureSizes(bundle, plan, steps, figures));
  LINGULA_RETURN_IF_ERROR(MeasureBatches(bundle, plan, steps, figures));
  LINGULA_RETURN_IF_ERROR(MeasureCameras(stream_bundle, wanted.seed, plan, steps, figures));
  LINGULA_RETURN_IF_ERROR(MeasureModels(bundle, plan, steps, figures));
  return MeasureCores(bundle, plan, steps, figures);
}

}  // namespace

absl::Status MeasureWithOwnServers(const Bundle& bundle, const Wanted& wanted, Steps& steps,
                                   Figures& figures) {
  if (wanted.Has(kAllocations)) {
    LINGULA_RETURN_IF_ERROR(MeasureAllocations(bundle, wanted.plan, steps, figures));
  }
  if (!wanted.Has(kStreams) && !wanted.Has(kGrowth)) {
    return absl::OkStatus();
  }
  LINGULA_ASSIGN_OR_RETURN(const Bundle stream_bundle, OpenBundle(wanted.stream_bundle));
  if (wanted.Has(kStreams)) {
    LINGULA_ASSIGN_OR_RETURN(const auto server,
                             ServerChild::Start(stream_bundle.folder, wanted.cpu));
    LINGULA_RETURN_IF_ERROR(MeasureStreams(server->target(),
                                           InputSpecFrom(stream_bundle.manifest.input()).side_px,
                                           wanted.seed, wanted.plan, steps, figures));
    LINGULA_RETURN_IF_ERROR(server->Stop());
  }
  return wanted.Has(kGrowth) ? MeasureGrowth(bundle, stream_bundle, wanted, steps, figures)
                             : absl::OkStatus();
}

Plan::Millis OwnServersTime(const Wanted& wanted) {
  const Plan& plan = wanted.plan;
  Plan::Millis time(0);
  time += wanted.Has(kAllocations) ? plan.allocations : Plan::Millis(0);
  time += wanted.Has(kStreams) ? StreamsTime(plan) : Plan::Millis(0);
  time += wanted.Has(kGrowth) ? kGrowthCells * plan.growth : Plan::Millis(0);
  return time;
}

}  // namespace lingula::bench
