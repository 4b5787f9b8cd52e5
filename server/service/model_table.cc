#include "server/service/model_table.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

// A status message must fit into 8 KiB of headers.
constexpr size_t kListedModels = 20;

std::string IdOf(const bundle::v1::Manifest& manifest) {
  return absl::StrCat(manifest.name(), "@", manifest.version());
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

int64_t VersionNumber(const LoadedModel& model) {
  int64_t number = 0;
  return absl::SimpleAtoi(model.manifest().version(), &number) ? number : 0;
}

// As many as the source has engines for.
BatchQueue::Options WithInstances(BatchQueue::Options options, const ModelSource& source) {
  options.instances = 1 + static_cast<int>(source.more_engines.size());
  return options;
}

absl::Status CheckSource(const ModelSource& source, std::set<std::string>& ids) {
  const std::string id = IdOf(source.manifest);
  if (!ids.insert(id).second) {
    return absl::InvalidArgumentError(absl::StrCat("model ", id, " is given twice"));
  }
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
      metrics_(metrics.AddModel({id_, source_.manifest.name(), source_.manifest.version(),
                                 std::string(family()), source_.weights_sha256})),
      queue_(WithInstances(batching, source_), clock, source_.costs) {
  for (int i = 0; i < queue_.options().instances; ++i) {
    BatchWorker::Instance instance;
    instance.number = i;
    if (static_cast<size_t>(i) < source_.cores.size()) {
      instance.cores = source_.cores[i];
    }
    workers_.push_back(std::make_unique<BatchWorker>(
        i == 0 ? *source_.engine : *source_.more_engines[i - 1], queue_, clock,
        [this](const Batch& batch) { RecordBatch(batch); }, std::move(instance)));
  }
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

void LoadedModel::RecordBatch(const Batch& batch) {
  metrics_.queue_depth.Decrement(static_cast<double>(batch.tasks.size() + batch.overdue.size()));
  if (!batch.tasks.empty()) {
    metrics_.batch_size.Observe(static_cast<double>(batch.tasks.size()));
    metrics_.batch_cuts[static_cast<size_t>(batch.cut)]->Increment();
  }
}

absl::StatusOr<std::unique_ptr<ModelTable>> ModelTable::Create(std::vector<ModelSource> sources,
                                                               const BatchQueue::Options& batching,
                                                               const Clock& clock,
                                                               Metrics& metrics) {
  if (sources.empty()) {
    return absl::InvalidArgumentError("there is no model to serve");
  }
  std::set<std::string> ids;
  for (const ModelSource& source : sources) {
    if (absl::Status status = CheckSource(source, ids); !status.ok()) {
      return status;
    }
  }
  auto table = std::make_unique<ModelTable>();
  for (ModelSource& source : sources) {
    table->models_.push_back(
        std::make_unique<LoadedModel>(std::move(source), batching, clock, metrics));
    table->configured_.push_back(table->models_.back().get());
  }
  std::sort(table->models_.begin(), table->models_.end(), [](const auto& a, const auto& b) {
    return std::make_pair(a->manifest().name(), VersionNumber(*a)) <
           std::make_pair(b->manifest().name(), VersionNumber(*b));
  });
  return table;
}

absl::StatusOr<LoadedModel*> ModelTable::Find(absl::string_view model,
                                              v1::Modality modality) const {
  if (model.empty()) {
    if (LoadedModel* found = DefaultOf(modality)) {
      return found;
    }
  }
  // From the back: the highest version of a name comes first.
  for (auto it = models_.rbegin(); it != models_.rend() && !model.empty(); ++it) {
    if (model == (*it)->id() || model == (*it)->manifest().name()) {
      return it->get();
    }
  }
  std::vector<absl::string_view> ids;
  for (size_t i = 0; i < std::min(models_.size(), kListedModels); ++i) {
    ids.push_back(models_[i]->id());
  }
  return absl::NotFoundError(absl::StrCat(
      model.empty() ? "no model reads this modality" : "no such model", "; loaded: ",
      absl::StrJoin(ids, ", "), models_.size() > kListedModels ? ", and more (ListModels)" : ""));
}

LoadedModel* ModelTable::DefaultOf(v1::Modality modality) const {
  for (LoadedModel* model : configured_) {
    if (modality == v1::MODALITY_UNSPECIFIED || model->modality() == modality) {
      return model;
    }
  }
  return nullptr;
}

bool ModelTable::IsDefault(const LoadedModel& model) const {
  return DefaultOf(model.modality()) == &model;
}

}  // namespace lingula
