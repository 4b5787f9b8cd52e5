#include "server/service/model_lifecycle.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "model/base/log.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"
#include "model/engine/golden_run.h"

namespace lingula {
namespace {

constexpr size_t kMostWaiting = 16;

// The two last parts of a bundle's folder.
std::string IdOfFolder(const std::string& folder) {
  const std::filesystem::path path(folder);
  return ModelId(path.parent_path().filename().string(), path.filename().string());
}

// Messages name files of a bundle, but not where it lies.
absl::Status WithoutPaths(const absl::Status& status, const std::string& folder) {
  return absl::Status(status.code(),
                      absl::StrReplaceAll(status.message(), {{absl::StrCat(folder, "/"), ""},
                                                             {folder, "repository"}}));
}

absl::Status Stopping() {
  return absl::UnavailableError("the server is draining");
}

}  // namespace

ModelLifecycle::ModelLifecycle(Options options, ModelSupply supply, ModelTable& models,
                               const Clock& clock, Metrics& metrics)
    : options_(std::move(options)),
      supply_(std::move(supply)),
      models_(models),
      clock_(clock),
      metrics_(metrics),
      watch_(options_.names) {
  RecordStart();
  thread_ = std::thread([this] { Loop(); });
}

ModelLifecycle::~ModelLifecycle() {
  Stop();
}

void ModelLifecycle::Stop() {
  std::deque<Work> refused;
  {
    MutexLock lock(mu_);
    stopping_ = true;
    refused.swap(waiting_);
  }
  changed_.NotifyAll();
  for (const Work& work : refused) {
    work.done(Stopping());
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

void ModelLifecycle::Load(const std::string& name, const std::string& version, bool hold_back,
                          Done done) {
  Enqueue([this, name, version, hold_back] { return LoadNow(name, version, hold_back); },
          std::move(done));
}

void ModelLifecycle::Reload(const std::string& name, const std::string& version, Done done) {
  Enqueue([this, name, version] { return ReloadNow(name, version); }, std::move(done));
}

void ModelLifecycle::Rollback(const std::string& name, Done done) {
  // What is still there takes calls again at once, whatever is being loaded meanwhile.
  const absl::Status status =
      models_.Change([&name](ModelRoutes& routes) { return routes.Rollback(name); });
  if (status.ok()) {
    log::Info("rolled back", {{"name", name}});
    return done(models_.Find(name, v1::MODALITY_UNSPECIFIED));
  }
  if (models_.routes()->LastChange(name) == nullptr) {
    return done(status);
  }
  Enqueue([this, name] { return RollbackNow(name); }, std::move(done));
}

absl::Status ModelLifecycle::Unload(const std::string& name, const std::string& version,
                                    bool force) {
  LINGULA_RETURN_IF_ERROR(
      models_.Change([&](ModelRoutes& routes) { return routes.Remove(name, version, force); }));
  metrics_.CountUnload(ModelId(name, version));
  log::Info("model unloaded", {{"model", ModelId(name, version)}});
  return absl::OkStatus();
}

void ModelLifecycle::Enqueue(Step step, Done done) {
  absl::Status refusal;
  {
    MutexLock lock(mu_);
    if (stopping_) {
      refusal = Stopping();
    } else if (waiting_.size() >= kMostWaiting) {
      refusal = absl::ResourceExhaustedError("too many changes of models wait: retry later");
    } else {
      waiting_.push_back({std::move(step), std::move(done)});
    }
  }
  changed_.NotifyAll();
  if (!refusal.ok()) {
    done(refusal);
  }
}

void ModelLifecycle::Look(Done done) {
  Enqueue([this]() -> absl::StatusOr<ModelHandle> { return LookNow(); }, std::move(done));
}

void ModelLifecycle::Loop() {
  while (std::optional<Work> work = NextWork()) {
    work->done(work->step());
  }
}

// The pauses between looks pass in real time, as all waiting does.
std::optional<ModelLifecycle::Work> ModelLifecycle::NextWork() {
  MutexLock lock(mu_);
  for (;;) {
    if (stopping_) {
      return std::nullopt;
    }
    if (!waiting_.empty()) {
      Work work = std::move(waiting_.front());
      waiting_.pop_front();
      return work;
    }
    if (options_.poll.count() == 0) {
      changed_.Wait(mu_);
      continue;
    }
    const Instant now = Clock::Real().Now();
    if (now >= next_look_) {
      next_look_ = now + options_.poll;
      return Work{[this]() -> absl::StatusOr<ModelHandle> { return LookNow(); },
                  [](const absl::StatusOr<ModelHandle>& /*said already*/) {}};
    }
    changed_.WaitFor(mu_, next_look_ - now);
  }
}

absl::StatusOr<ModelHandle> ModelLifecycle::LookNow() {
  const auto found = LookAt(options_.repository);
  if (found.ok() != repository_seen_) {
    repository_seen_ = found.ok();
    if (found.ok()) {
      log::Info("the model repository can be read again");
    } else {
      log::Warning("the model repository cannot be read: all models stay");
    }
  }
  LINGULA_RETURN_IF_ERROR(found.status());
  for (const WatchStep& step : watch_.Next(*found, *models_.routes())) {
    Follow(step);
  }
  return ModelHandle();
}

void ModelLifecycle::Follow(const WatchStep& step) {
  if (!step.load.empty() && !LoadNow(step.name, step.load, /*hold_back=*/false).ok()) {
    return;  // and whoever serves goes on
  }
  if (!step.unload.empty()) {
    const absl::Status status = Unload(step.name, step.unload, step.force);
    if (!status.ok()) {
      log::Info("model stays",
                {{"model", ModelId(step.name, step.unload)}, {"reason", status.message()}});
    }
  }
}

absl::StatusOr<ModelHandle> ModelLifecycle::LoadNow(const std::string& name,
                                                    const std::string& version, bool hold_back) {
  LINGULA_ASSIGN_OR_RETURN(const std::string folder, Folder(name, version));
  if (models_.routes()->FindId(IdOfFolder(folder)) != nullptr) {
    return absl::AlreadyExistsError(absl::StrCat(
        "model ", IdOfFolder(folder),
        " is loaded already: SetServingVersion points its name to it, ReloadModel reads it again"));
  }
  return Bring(folder, [hold_back](ModelRoutes& routes, const ModelHandle& model) {
    return routes.Add(model, hold_back);
  });
}

absl::StatusOr<ModelHandle> ModelLifecycle::ReloadNow(const std::string& name,
                                                      std::string version) {
  version = version.empty() ? models_.routes()->ServingVersion(name) : version;
  LINGULA_RETURN_IF_ERROR(models_.Find(ModelId(name, version), v1::MODALITY_UNSPECIFIED).status());
  LINGULA_ASSIGN_OR_RETURN(const std::string folder, Folder(name, version));
  return Bring(folder, [](ModelRoutes& now, const ModelHandle& model) {
    if (now.FindId(model->id()) == nullptr) {
      return absl::AbortedError(absl::StrCat("model ", model->id(), " was unloaded meanwhile"));
    }
    return now.Replace(model);
  });
}

absl::StatusOr<ModelHandle> ModelLifecycle::RollbackNow(const std::string& name) {
  std::string gone;  // the version to go back to, when it is not loaded any more
  {
    const auto routes = models_.routes();  // holds its models: not to be kept through a load
    const RouteChange* const change = routes->LastChange(name);
    if (change != nullptr && change->kind != RouteChange::Kind::kDefault &&
        routes->FindId(ModelId(name, change->before)) == nullptr) {
      gone = change->before;
    }
  }
  if (!gone.empty()) {
    LINGULA_RETURN_IF_ERROR(LoadNow(name, gone, /*hold_back=*/true).status());
  }
  LINGULA_RETURN_IF_ERROR(models_.Change([&name](ModelRoutes& now) { return now.Rollback(name); }));
  log::Info("rolled back", {{"name", name}});
  return models_.Find(name, v1::MODALITY_UNSPECIFIED);
}

absl::StatusOr<std::string> ModelLifecycle::Folder(const std::string& name,
                                                   const std::string& version) const {
  absl::StatusOr<std::string> folder = FindBundle(options_.repository, name, version);
  return folder.ok() ? folder : WithoutPaths(folder.status(), options_.repository);
}

absl::StatusOr<ModelHandle> ModelLifecycle::Bring(const std::string& folder, const Place& place) {
  const std::string id = IdOfFolder(folder);
  LINGULA_RETURN_IF_ERROR(models_.Change([&id](ModelRoutes& routes) {
    routes.BeginLoading(id);
    return absl::OkStatus();
  }));
  const Instant start = clock_.Now();
  absl::StatusOr<ModelHandle> model = Open(folder);
  // One change, so that nobody finds the model neither loading nor there.
  absl::Status status = models_.Change([&](ModelRoutes& routes) {
    routes.EndLoading(id, model.status());
    return model.ok() ? place(routes, *model) : absl::OkStatus();
  });
  if (!status.ok()) {
    model = status;
    static_cast<void>(models_.Change([&](ModelRoutes& routes) {
      routes.EndLoading(id, status);
      return absl::OkStatus();
    }));
  }
  metrics_.CountLoad(id, absl::StatusCodeToString(model.status().code()),
                     MicrosBetween(start, clock_.Now()) * 1e-6);
  if (model.ok()) {
    log::Info("model takes calls", {{"model", id}});
  } else {
    log::Error("model refused", {{"model", id}, {"reason", model.status().message()}});
  }
  return model;
}

absl::StatusOr<ModelHandle> ModelLifecycle::Open(const std::string& folder) {
  if (supply_.load == nullptr) {
    return absl::UnimplementedError("this server cannot load models");
  }
  absl::StatusOr<ModelSource> source = supply_.load(folder);
  CountGoldenRun(IdOfFolder(folder), source.status());
  return source.ok() ? models_.Adopt(*std::move(source)) : WithoutPaths(source.status(), folder);
}

void ModelLifecycle::RecordStart() {
  for (const ModelHandle& model : models_.models()) {
    const std::chrono::duration<double> took = model->source().load_time;
    metrics_.CountLoad(model->id(), "OK", took.count());
    CountGoldenRun(model->id(), absl::OkStatus());
  }
  for (const auto& [folder, reason] : supply_.refused) {
    const std::string id = IdOfFolder(folder);
    metrics_.CountLoad(id, absl::StatusCodeToString(reason.code()), 0);
    CountGoldenRun(id, reason);
    static_cast<void>(models_.Change([&, told = WithoutPaths(reason, folder)](ModelRoutes& routes) {
      routes.EndLoading(id, told);
      return absl::OkStatus();
    }));
  }
}

void ModelLifecycle::CountGoldenRun(const std::string& id, const absl::Status& load) {
  if (load.ok() || IsGoldenRunFailed(load)) {
    metrics_.CountGoldenRun(id, load.ok());
  }
}

}  // namespace lingula
