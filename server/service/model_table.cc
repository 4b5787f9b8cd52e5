#include "server/service/model_table.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

std::string IdOf(const bundle::v1::Manifest& manifest) {
  return ModelId(manifest.name(), manifest.version());
}

absl::string_view FamilyName(bundle::v1::Family family) {
  switch (family) {
    case bundle::v1::FAMILY_SGSEG:
      return "sgseg";
    case bundle::v1::FAMILY_PROLEARN:
      return "prolearn";
    case bundle::v1::FAMILY_LANGUIDE:
      return "languide";
    default:
      return "";
  }
}

// Statistics of a normalisation are measured, not trained.
bool IsTrained(absl::string_view tensor) {
  return !absl::EndsWith(tensor, "running_mean") && !absl::EndsWith(tensor, "running_var") &&
         !absl::EndsWith(tensor, "num_batches_tracked");
}

BatchQueue::Options WithInstances(BatchQueue::Options options, const ModelSource& source) {
  options.instances = source.instances;
  return options;
}

absl::Status CheckSource(const ModelSource& source) {
  const std::string id = IdOf(source.manifest);
  const auto& input = source.manifest.input();
  if (source.engine->side_px() != static_cast<int>(input.side_px()) ||
      source.engine->channels() != static_cast<int>(input.channels())) {
    return absl::InvalidArgumentError(
        absl::StrCat("model ", id, ": the engine takes ", source.engine->channels(), " x ",
                     source.engine->side_px(), " px, but the manifest says ", input.channels(),
                     " x ", input.side_px(), " px"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ModelSource> SourceFrom(const Bundle& bundle, std::unique_ptr<Engine> engine) {
  ModelSource source;
  LINGULA_ASSIGN_OR_RETURN(source.calibration, Calibration::Load(bundle));
  source.manifest = bundle.manifest;
  source.weights_sha256 = bundle.weights_sha256;
  source.card = bundle.card;
  for (const auto& [name, tensor] : bundle.weights.tensors()) {
    if (IsTrained(name)) {
      source.parameters += tensor.bytes.size() / ElementBytes(tensor.dtype);
    }
  }
  source.engine = std::move(engine);
  return source;
}

LoadedModel::LoadedModel(ModelSource source, const BatchQueue::Options& batching,
                         const Clock& clock, Metrics& metrics)
    : source_(std::move(source)),
      id_(IdOf(source_.manifest)),
      input_(InputSpecFrom(source_.manifest.input())),
      clock_(clock),
      all_metrics_(metrics),
      metrics_(metrics.AddModel(Labels())),
      queue_(WithInstances(batching, source_), clock, source_.costs) {
  for (int i = 0; i < queue_.options().instances; ++i) {
    BatchWorker::Instance instance;
    instance.number = i;
    instance.on_run = [&busy = metrics.BusySeconds(id_, i)](std::chrono::microseconds took) {
      busy.Increment(std::chrono::duration<double>(took).count());
    };
    instance.warm_up = source_.warm_up.has_value() ? &*source_.warm_up : nullptr;
    if (static_cast<size_t>(i) < source_.cores.size()) {
      instance.cores = source_.cores[i];
    }
    workers_.push_back(std::make_unique<BatchWorker>(
        *source_.engine, queue_, clock, [this](const Batch& batch) { RecordBatch(batch); },
        std::move(instance)));
  }
  for (const auto& worker : workers_) {
    worker->WaitUntilWarm();
  }
}

LoadedModel::~LoadedModel() {
  all_metrics_.RemoveModel(Labels());
}

ModelLabels LoadedModel::Labels() const {
  return {id_, source_.manifest.name(), source_.manifest.version(), std::string(family()),
          source_.weights_sha256};
}

v1::Modality LoadedModel::modality() const {
  return static_cast<v1::Modality>(source_.manifest.modality());  // the numbers agree
}

absl::string_view LoadedModel::family() const {
  return FamilyName(source_.manifest.family());
}

std::chrono::microseconds LoadedModel::TimeToWorkOff() const {
  const int size = queue_.options().max_batch_size;
  return queue_.ExpectedCost(size) * (queue_.depth() / size + 1);
}

// The rest of the way takes what it usually takes, but not more than half of the time there is:
// that keeps hopeful what a slow moment made look hopeless.
Instant LoadedModel::DeadlineOfNetwork(Instant deadline, Instant now) const {
  constexpr std::chrono::milliseconds kSending(1);
  if (deadline == Instant::max()) {
    return deadline;
  }
  const Instant::duration rest = before_network_.Bound() + after_network_.Bound() + kSending;
  return deadline - std::min(rest, (deadline - now) / 2);
}

Admission LoadedModel::Admit(const Flow& flow, Instant deadline) {
  Admission admission = queue_.Admit(flow, deadline);
  for (Task& task : admission.displaced) {
    metrics_.queue_depth.Decrement();
    RecordDelay(task);
    task.done(absl::ResourceExhaustedError(kGaveWay), BatchReceipt());
  }
  admission.displaced.clear();
  return admission;
}

absl::Status LoadedModel::Push(Ticket ticket, Task& task) {
  metrics_.queue_depth.Increment();  // before RecordBatch can count it down
  absl::Status status = queue_.Push(std::move(ticket), task);
  if (!status.ok()) {  // else *this may be gone
    metrics_.queue_depth.Decrement();
  }
  return status;
}

void LoadedModel::RecordBatch(const Batch& batch) {
  metrics_.queue_depth.Decrement(static_cast<double>(batch.tasks.size() + batch.overdue.size()));
  for (const std::vector<Task>* tasks : {&batch.tasks, &batch.overdue}) {
    for (const Task& task : *tasks) {
      RecordDelay(task);
    }
  }
  if (!batch.tasks.empty()) {
    metrics_.batch_size.Observe(static_cast<double>(batch.tasks.size()));
    metrics_.batch_cuts[static_cast<size_t>(batch.cut)]->Increment();
  }
}

void LoadedModel::RecordDelay(const Task& task) {
  metrics_.queue_delay_seconds.Observe(MicrosBetween(task.queued, clock_.Now()) * 1e-6);
}

ModelTable::ModelTable(const BatchQueue::Options& batching, const Clock& clock, Metrics& metrics)
    : batching_(batching),
      clock_(clock),
      metrics_(metrics),
      retirement_([this] { Tell(ModelEvent::kGone); }),
      routes_(std::make_shared<const ModelRoutes>(std::vector<ModelHandle>())) {}

ModelTable::~ModelTable() {
  Listen(nullptr);
}

absl::StatusOr<std::unique_ptr<ModelTable>> ModelTable::Create(std::vector<ModelSource> sources,
                                                               const BatchQueue::Options& batching,
                                                               const Clock& clock,
                                                               Metrics& metrics) {
  if (sources.empty()) {
    return absl::InvalidArgumentError("there is no model to serve");
  }
  auto table = std::make_unique<ModelTable>(batching, clock, metrics);
  std::set<std::string> ids;
  std::vector<ModelHandle> models;
  for (ModelSource& source : sources) {
    LINGULA_ASSIGN_OR_RETURN(ModelHandle model, table->Adopt(std::move(source)));
    if (!ids.insert(model->id()).second) {
      return absl::InvalidArgumentError(absl::StrCat("model ", model->id(), " is given twice"));
    }
    models.push_back(std::move(model));
  }
  MutexLock lock(table->mu_);
  table->routes_ = std::make_shared<const ModelRoutes>(std::move(models));
  return table;
}

absl::StatusOr<ModelHandle> ModelTable::Adopt(ModelSource source) {
  LINGULA_RETURN_IF_ERROR(CheckSource(source));
  return retirement_.Adopt(
      std::make_unique<LoadedModel>(std::move(source), batching_, clock_, metrics_));
}

std::shared_ptr<const ModelRoutes> ModelTable::routes() const {
  MutexLock lock(mu_);
  return routes_;
}

absl::Status ModelTable::Change(const std::function<absl::Status(ModelRoutes&)>& change) {
  std::shared_ptr<const ModelRoutes> old;  // let go of after the locks: it may hold last handles
  {
    MutexLock changing(changing_);
    auto next = std::make_shared<ModelRoutes>(*routes());
    LINGULA_RETURN_IF_ERROR(change(*next));
    MutexLock lock(mu_);
    for (const ModelHandle& model : routes_->models()) {
      const auto& kept = next->models();
      if (std::find(kept.begin(), kept.end(), model) == kept.end()) {
        leaving_.push_back(model);
      }
    }
    old = std::exchange(routes_, std::move(next));
  }
  old.reset();
  Tell(ModelEvent::kChanged);
  return absl::OkStatus();
}

std::vector<ModelHandle> ModelTable::draining() const {
  std::vector<ModelHandle> models;
  MutexLock lock(mu_);
  for (const std::weak_ptr<LoadedModel>& leaving : leaving_) {
    if (ModelHandle model = leaving.lock()) {
      models.push_back(std::move(model));
    }
  }
  return models;
}

void ModelTable::Listen(std::function<void(ModelEvent)> listener) {
  MutexLock lock(listener_mu_);
  listener_ = std::move(listener);
  if (listener_) {
    listener_(ModelEvent::kChanged);
  }
}

void ModelTable::Tell(ModelEvent event) {
  if (event == ModelEvent::kGone) {
    MutexLock lock(mu_);
    leaving_.erase(std::remove_if(leaving_.begin(), leaving_.end(),
                                  [](const auto& leaving) { return leaving.expired(); }),
                   leaving_.end());
  }
  MutexLock lock(listener_mu_);
  if (listener_) {
    listener_(event);
  }
}

}  // namespace lingula
