#include "model/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/backend/weights.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"
#include "model/train/autocast.h"
#include "model/train/batches.h"
#include "model/train/checkpoint.h"
#include "model/train/epoch_log.h"
#include "model/train/epoch_sums.h"
#include "model/train/export_bundle.h"
#include "model/train/progress.h"
#include "model/train/recipe.h"
#include "model/train/run_folder.h"
#include "model/train/selection.h"
#include "model/train/start.h"
#include "model/train/step_clock.h"
#include "model/train/validation.h"
#include "model/train/weights_in_training.h"

namespace lingula {
namespace {

using train::v1::Recipe;
using train::v1::Schedule;

constexpr int64_t kCheckpointSteps = 100;
constexpr int64_t kReadSteps = 20;  // reading a loss waits for the device

class Trainer {
 public:
  Trainer(const Recipe& recipe, const ImageCache& train, const ImageCache& validation,
          const TrainOptions& options);
  absl::Status Run(const MakeLearner& make);

 private:
  absl::Status Make(const MakeLearner& make);
  absl::Status Begin();
  absl::Status Steps();
  torch::Tensor RowsOf(int64_t step);
  StepLoss Improve(const TrainBatch& batch);
  absl::Status Step(Progress& progress);
  absl::Status EndEpoch(Progress& progress);
  absl::Status Keep(double figure);
  absl::Status Save();
  absl::Status Export();
  void ReportSpeed();

  const Schedule& schedule() const { return recipe_.schedule(); }
  int64_t validation_batch() const {
    return schedule().validation_batch() > 0 ? schedule().validation_batch() : schedule().batch();
  }
  bool averages() const { return average_ != learner_; }
  bool EndsEpoch() const { return state_.step % run_.per_epoch == 0; }
  ComputeOptions compute() const { return {options_.device, options_.bf16}; }
  std::string Path(const char* file) const { return absl::StrCat(options_.out, "/", file); }

  const Recipe recipe_;
  const InputSpec spec_;
  const ImageCache& train_;
  const ImageCache& validation_;
  const TrainOptions options_;
  const RunIdentity identity_;
  std::shared_ptr<Learner> learner_, average_;  // the same without averaging
  std::unique_ptr<torch::optim::AdamW> optimizer_;
  std::unique_ptr<BatchSource> batches_;
  std::unique_ptr<EpochSums> sums_;
  std::unique_ptr<EpochLog> log_;
  RunSteps run_;
  TrainState state_;
  StepClock clock_;
  torch::Tensor order_;  // of the images in epoch_
  int64_t epoch_ = -1;
};

Trainer::Trainer(const Recipe& recipe, const ImageCache& train, const ImageCache& validation,
                 const TrainOptions& options)
    : recipe_(recipe),
      spec_(InputSpecFrom(recipe.bundle().input())),
      train_(train),
      validation_(validation),
      options_(options),
      identity_{RecipeDigest(recipe), options.seed, train.size()} {}

absl::Status Trainer::Make(const MakeLearner& make) {
  torch::manual_seed(options_.seed);
  LINGULA_ASSIGN_OR_RETURN(learner_, make(recipe_));
  average_ = learner_;
  if (schedule().average() > 0) {
    LINGULA_ASSIGN_OR_RETURN(average_, make(recipe_));
    average_->eval();
  }
  if (train_.size() < 2 || validation_.size() < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("training needs at least 2 images and 1 for validation, got ", train_.size(),
                     " and ", validation_.size()));
  }
  if (learner_->NeedsZones()) {
    LINGULA_RETURN_IF_ERROR(RequireZones(train_));
    LINGULA_RETURN_IF_ERROR(RequireZones(validation_));
  }
  run_.per_epoch = (train_.size() + schedule().batch() - 1) / schedule().batch();
  run_.lead = learner_->LeadSteps(run_.per_epoch);
  run_.epochs = schedule().epochs();
  return absl::OkStatus();
}

absl::Status Trainer::Begin() {
  if (!options_.resume) {  // while everything is still on the processor
    LINGULA_RETURN_IF_ERROR(StartLearner(options_.starts, recipe_, train_, *learner_));
  }
  MoveTo(options_.device, *learner_);
  MoveTo(options_.device, *average_);
  torch::manual_seed(options_.seed);
  LINGULA_RETURN_IF_ERROR(learner_->BeginTraining(train_, options_.resume));
  if (averages()) {
    CopyState(*learner_, *average_);
    LINGULA_RETURN_IF_ERROR(average_->BeginTraining(train_, true));
  }
  optimizer_ = MakeOptimizer(schedule(), *learner_);
  sums_ = std::make_unique<EpochSums>(learner_->Terms().size(), options_.device);
  if (options_.resume) {
    LINGULA_RETURN_IF_ERROR(
        LoadCheckpoint(Path(kLastFile), identity_, *learner_, *average_, *optimizer_, state_));
    sums_->Restore(state_.sums);
  }
  LINGULA_ASSIGN_OR_RETURN(EpochLog log,
                           EpochLog::Open(options_.out, learner_->Terms(), state_.step));
  log_ = std::make_unique<EpochLog>(std::move(log));
  batches_ = std::make_unique<BatchSource>(
      train_, spec_, AugmentOptionsFrom(recipe_.augmentation()), options_.device);
  return absl::OkStatus();
}

torch::Tensor Trainer::RowsOf(int64_t step) {
  if (const int64_t epoch = step / run_.per_epoch; epoch != epoch_) {
    order_ = EpochOrder(options_.seed, epoch, train_.size());
    epoch_ = epoch;
  }
  const int64_t from = step % run_.per_epoch * schedule().batch();
  return order_.narrow(0, from, std::min<int64_t>(schedule().batch(), train_.size() - from));
}

StepLoss Trainer::Improve(const TrainBatch& batch) {
  SetRates(RatesAt(schedule(), learner_->LeadRate(), state_.step, run_), *optimizer_);
  optimizer_->zero_grad();
  StepLoss loss;
  {
    const Autocast autocast(options_.bf16, options_.device);
    loss = learner_->Loss(batch, state_.step, run_);
  }
  loss.total.backward();
  if (schedule().clip_norm() > 0) {
    torch::nn::utils::clip_grad_norm_(learner_->parameters(), schedule().clip_norm());
  }
  optimizer_->step();
  ++state_.step;
  if (averages()) {
    UpdateAverage(*learner_, schedule().average(), state_.step, *average_);
  }
  return loss;
}

absl::Status Trainer::Step(Progress& progress) {
  // All chance in a step follows from its number, so that a resumed run goes on alike.
  torch::manual_seed(StepSeed(options_.seed, state_.step));
  clock_.Begin();
  const TrainBatch batch = batches_->Take();
  clock_.Made();
  if (state_.step + 1 < run_.all()) {
    batches_->Begin(RowsOf(state_.step + 1));
  }
  const StepLoss loss = Improve(batch);
  sums_->Add(loss, batch.masks);
  if (options_.device.is_cpu() || state_.step % kReadSteps == 0 || EndsEpoch()) {
    const double value = loss.total.item<double>();
    if (!std::isfinite(value)) {
      return absl::InternalError(absl::StrCat("the loss of step ", state_.step, " is ", value,
                                              ": lower the learning rate, or train in float32"));
    }
    progress.Advance(state_.step,
                     absl::StrFormat("step %d  loss %.3f  %.1f images/s  data %.0f %%", state_.step,
                                     value, clock_.images_per_second(), clock_.data_share() * 100));
  }
  clock_.End(batch.images.size(0));
  return absl::OkStatus();
}

absl::Status Trainer::Keep(double figure) {
  if (figure <= state_.best) {
    return absl::OkStatus();
  }
  state_.best = figure;
  state_.best_step = state_.step;
  TensorWriter best;
  best.AddState(*average_, "average/");
  return best.Write(Path(kBestFile));
}

absl::Status Trainer::EndEpoch(Progress& progress) {
  torch::manual_seed(StepSeed(options_.seed, state_.step) ^ ~uint64_t{0});
  LINGULA_RETURN_IF_ERROR(learner_->EndEpoch(train_, *average_, state_.step, run_));
  const bool leads = state_.step <= run_.lead;
  const int64_t epoch = leads ? 0 : (state_.step - run_.lead) / run_.per_epoch;
  EpochLog::Row row = sums_->Means(learner_->Terms());
  row["epoch"] = static_cast<double>(epoch);
  row["step"] = static_cast<double>(state_.step);
  if (clock_.steps() > 0) {
    row["images_per_second"] = clock_.images_per_second();
    row["data_share"] = clock_.data_share();
  }
  if (!leads) {
    const Validation found = Validate(*average_, validation_, validation_batch(), compute());
    row["dice"] = found.guided.Dice();
    row["train_dice"] = sums_->Overlap().Dice();
    if (found.withheld) {
      row["dice_withheld"] = found.withheld->Dice();
    }
    if (found.zone_accuracy) {
      row["zone_accuracy"] = *found.zone_accuracy;
    }
    LINGULA_RETURN_IF_ERROR(Keep(SelectionFigure(schedule(), sums_->Overlap(), found)));
    progress.Advance(state_.step,
                     absl::StrFormat("epoch %d: Dice %.4f", epoch, found.guided.Dice()));
  }
  sums_->Clear();
  LINGULA_RETURN_IF_ERROR(log_->Add(row));
  return Save();
}

absl::Status Trainer::Save() {
  state_.sums = sums_->Save();
  return SaveCheckpoint(Path(kLastFile), identity_, *learner_, *average_, *optimizer_, state_);
}

absl::Status Trainer::Steps() {
  Progress progress("training", run_.all(), state_.step);
  learner_->train();
  batches_->Begin(RowsOf(std::min(state_.step, run_.all() - 1)));
  while (!IsOver(schedule(), run_, state_) &&
         (options_.stop_after == 0 || state_.step < options_.stop_after)) {
    LINGULA_RETURN_IF_ERROR(Step(progress));
    if (EndsEpoch()) {
      LINGULA_RETURN_IF_ERROR(EndEpoch(progress));
    } else if (state_.step % kCheckpointSteps == 0 || state_.step == options_.stop_after) {
      LINGULA_RETURN_IF_ERROR(Save());
    }
  }
  return absl::OkStatus();
}

absl::Status Trainer::Export() {
  LINGULA_ASSIGN_OR_RETURN(const SafeTensors best, SafeTensors::Open(Path(kBestFile)));
  LINGULA_RETURN_IF_ERROR(LoadState(*average_, best, "average/"));
  return ExportBundle(options_.out, recipe_.bundle(), *average_);
}

void Trainer::ReportSpeed() {
  const int64_t count = std::min<int64_t>(schedule().batch(), train_.size());
  MoveTo(options_.device, *learner_);
  const auto batch = PlainRows(train_, 0, count, options_.device);
  std::cerr << DescribeSpeed(clock_, batch, run_, options_.bf16, *learner_);
}

absl::Status Trainer::Run(const MakeLearner& make) {
  LINGULA_RETURN_IF_ERROR(Make(make));
  LINGULA_RETURN_IF_ERROR(Begin());
  LINGULA_RETURN_IF_ERROR(Steps());
  if (!IsOver(schedule(), run_, state_)) {
    return absl::OkStatus();  // stopped on purpose
  }
  LINGULA_RETURN_IF_ERROR(Export());
  if (clock_.steps() > 0) {
    ReportSpeed();
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Train(const Recipe& recipe, const MakeLearner& make, const ImageCache& train,
                   const ImageCache& validation, const TrainOptions& options) {
  LINGULA_RETURN_IF_ERROR(PrepareRunFolder(options.out, options.resume));
  try {
    return Trainer(recipe, train, validation, options).Run(make);
  } catch (const c10::Error& error) {  // memory that is not there, among others
    return absl::InternalError(absl::StrCat("training failed: ", error.what_without_backtrace()));
  }
}

}  // namespace lingula
