// The calls of AdminService about shadows.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/base/status_macros.h"
#include "server/service/admin_service.h"
#include "server/service/admission.h"
#include "server/service/errors.h"

namespace lingula {
namespace {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

// Written so that NaN is refused.
bool IsShare(double value) {
  return value >= 0 && value <= 1;
}

absl::Status TakeGate(const v1::ShadowGate& proto, ShadowGate& gate) {
  FieldProblems problems;
  if (proto.has_min_images()) {
    gate.min_images = proto.min_images();
    if (gate.min_images == 0) {
      problems.Add("gate.min_images", "must be at least 1");
    }
  }
  const auto take = [&problems](bool given, double value, const char* field, double& into) {
    if (given && !IsShare(value)) {
      problems.Add(field, "must be in [0, 1]");
    } else if (given) {
      into = value;
    }
  };
  take(proto.has_min_mean_dice(), proto.min_mean_dice(), "gate.min_mean_dice", gate.min_mean_dice);
  take(proto.has_dice_floor(), proto.dice_floor(), "gate.dice_floor", gate.dice_floor);
  take(proto.has_max_share_below_floor(), proto.max_share_below_floor(),
       "gate.max_share_below_floor", gate.max_share_below_floor);
  return problems.status();
}

absl::StatusOr<ShadowPlan> PlanFrom(const v1::StartShadowRequest& request) {
  FieldProblems problems;
  ShadowPlan plan;
  if (request.name().empty()) {
    problems.Add("name", "must be given");
  }
  if (request.version().empty()) {
    problems.Add("version", "must be given");
  }
  if (request.has_share()) {
    plan.share = request.share();
    if (!IsShare(plan.share) || plan.share == 0) {
      problems.Add("share", "must be greater than 0 and at most 1");
    }
  }
  LINGULA_RETURN_IF_ERROR(problems.status());
  LINGULA_RETURN_IF_ERROR(TakeGate(request.gate(), plan.gate));
  return plan;
}

v1::Shadow ToProto(const ShadowReport& report) {
  const ShadowFigures& figures = report.figures;
  v1::Shadow shadow;
  shadow.set_candidate(report.candidate);
  shadow.set_live(report.live);
  shadow.set_running(report.running);
  shadow.set_share(report.share);
  v1::ShadowGate& gate = *shadow.mutable_gate();
  gate.set_min_images(static_cast<uint32_t>(report.gate.min_images));
  gate.set_min_mean_dice(report.gate.min_mean_dice);
  gate.set_dice_floor(report.gate.dice_floor);
  gate.set_max_share_below_floor(report.gate.max_share_below_floor);
  shadow.set_images(figures.images);
  shadow.set_mean_dice(figures.Mean(figures.dice));
  shadow.set_below_floor(figures.below_floor);
  shadow.set_errors(figures.errors);
  shadow.set_dropped(figures.dropped);
  shadow.set_unsuitable(figures.unsuitable);
  shadow.set_mean_candidate_us(figures.Mean(figures.candidate_us));
  shadow.set_mean_live_us(figures.Mean(figures.live_us));
  for (std::string& why : Shortfalls(report)) {
    shadow.add_shortfalls(std::move(why));
  }
  return shadow;
}

// Whom a candidate is compared with when nobody says: who would answer in its place.
absl::StatusOr<ModelHandle> LiveFor(const LoadedModel& candidate, const std::string& asked,
                                    const ModelRoutes& routes) {
  const std::string& name = candidate.manifest().name();
  if (!asked.empty()) {
    return routes.Find(asked, v1::MODALITY_UNSPECIFIED);
  }
  const std::string serving = routes.ServingVersion(name);
  return serving.empty() || serving == candidate.manifest().version()
             ? routes.Find("", candidate.modality())
             : routes.Find(name, v1::MODALITY_UNSPECIFIED);
}

// Points what led to the live version to the candidate.
absl::Status PointTo(const LoadedModel& candidate, absl::string_view live, const std::string& alias,
                     ModelRoutes& routes) {
  const std::string& name = candidate.manifest().name();
  const std::string& version = candidate.manifest().version();
  if (!alias.empty()) {
    return routes.SetAlias(name, alias, version);
  }
  LINGULA_RETURN_IF_ERROR(routes.SetServing(name, version));
  return live.substr(0, live.rfind('@')) == name ? absl::OkStatus()
                                                 : routes.SetDefault(candidate.modality(), name);
}

}  // namespace

absl::Status AdminService::BeginShadow(ShadowPlan plan, const std::string& live_model,
                                       v1::Shadow& shadow) {
  LINGULA_ASSIGN_OR_RETURN(const ModelHandle live,
                           LiveFor(*plan.candidate, live_model, *models_.routes()));
  LINGULA_RETURN_IF_ERROR(shadow_.Start(std::move(plan), *live));
  LINGULA_ASSIGN_OR_RETURN(const ShadowReport report, shadow_.Report());
  shadow = ToProto(report);
  return absl::OkStatus();
}

ServerUnaryReactor* AdminService::StartShadow(CallbackServerContext* context,
                                              const v1::StartShadowRequest* request,
                                              v1::StartShadowResponse* response) {
  if (ServerUnaryReactor* const refused = RefuseUnless(gate_, Role::kAdmin, *context)) {
    return refused;
  }
  absl::StatusOr<ShadowPlan> plan = PlanFrom(*request);
  if (!plan.ok()) {
    return Answer(*context, "StartShadow", plan.status());
  }
  if (shadow_.candidate() != nullptr) {  // before a load that would be in vain
    return Answer(*context, "StartShadow",
                  absl::FailedPreconditionError("a shadow runs already: stop it first"));
  }
  plan->candidate = models_.routes()->FindId(ModelId(request->name(), request->version()));
  if (plan->candidate != nullptr) {
    return Answer(
        *context, "StartShadow",
        BeginShadow(*std::move(plan), request->live_model(), *response->mutable_shadow()));
  }
  ServerUnaryReactor* const reactor = context->DefaultReactor();
  lifecycle_.Load(request->name(), request->version(), /*hold_back=*/true,
                  [this, reactor, request, response,
                   plan = *std::move(plan)](absl::StatusOr<ModelHandle> model) mutable {
                    absl::Status status = model.status();
                    if (status.ok()) {
                      plan.candidate = *std::move(model);
                      status = BeginShadow(std::move(plan), request->live_model(),
                                           *response->mutable_shadow());
                    }
                    Finish(*reactor, "StartShadow", status);
                  });
  return reactor;
}

ServerUnaryReactor* AdminService::GetShadow(CallbackServerContext* context,
                                            const v1::GetShadowRequest* /*request*/,
                                            v1::GetShadowResponse* response) {
  if (ServerUnaryReactor* const refused = RefuseUnless(gate_, Role::kAdmin, *context)) {
    return refused;
  }
  const absl::StatusOr<ShadowReport> report = shadow_.Report();
  if (report.ok()) {
    *response->mutable_shadow() = ToProto(*report);
  }
  return Answer(*context, "GetShadow", report.status());
}

ServerUnaryReactor* AdminService::StopShadow(CallbackServerContext* context,
                                             const v1::StopShadowRequest* /*request*/,
                                             v1::StopShadowResponse* response) {
  if (ServerUnaryReactor* const refused = RefuseUnless(gate_, Role::kAdmin, *context)) {
    return refused;
  }
  const absl::StatusOr<ShadowReport> report = shadow_.Stop();
  if (report.ok()) {
    *response->mutable_shadow() = ToProto(*report);
  }
  return Answer(*context, "StopShadow", report.status());
}

absl::StatusOr<ShadowReport> AdminService::Promote(const std::string& alias) {
  const ModelHandle candidate = shadow_.candidate();
  if (candidate == nullptr) {
    return absl::NotFoundError("no shadow runs");
  }
  LINGULA_ASSIGN_OR_RETURN(const ShadowReport report, shadow_.Report());
  if (const std::vector<std::string> why = Shortfalls(report); !why.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "model ", candidate->id(), " does not pass the gate: ", absl::StrJoin(why, "; ")));
  }
  LINGULA_RETURN_IF_ERROR(models_.Change(
      [&](ModelRoutes& routes) { return PointTo(*candidate, report.live, alias, routes); }));
  // Perhaps somebody stopped it meanwhile.
  const absl::StatusOr<ShadowReport> last = shadow_.Stop();
  return last.ok() ? last : report;
}

ServerUnaryReactor* AdminService::PromoteShadow(CallbackServerContext* context,
                                                const v1::PromoteShadowRequest* request,
                                                v1::PromoteShadowResponse* response) {
  if (ServerUnaryReactor* const refused = RefuseUnless(gate_, Role::kAdmin, *context)) {
    return refused;
  }
  const absl::StatusOr<ShadowReport> report = Promote(request->alias());
  if (report.ok()) {
    *response->mutable_shadow() = ToProto(*report);
  }
  return Answer(*context, "PromoteShadow", report.status(),
                report.ok() ? absl::StrCat(report->candidate, " for ", report->live) : "");
}

}  // namespace lingula
