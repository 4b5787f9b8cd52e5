#include "model/train/trainer.h"

#include <cmath>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/backend/weights.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"
#include "model/eval/overlap.h"
#include "model/train/autocast.h"
#include "model/train/checkpoint.h"
#include "model/train/export_bundle.h"
#include "model/train/losses.h"
#include "model/train/mobilenet_start.h"
#include "model/train/progress.h"

namespace lingula {
namespace {

constexpr int64_t kStartImages = 96;
constexpr int64_t kCheckpointSteps = 100;

// What one pass over the validation data found.
struct Validation {
  OverlapCounts guided, withheld;
  double zone_accuracy = 0;
};

class Trainer {
 public:
  Trainer(const bundle::v1::Manifest& manifest, const ImageCache& train,
          const ImageCache& validation, const TrainOptions& options);
  absl::Status Run();

 private:
  absl::Status Begin();
  void SetRates();
  double Step(const torch::Tensor& picked);
  torch::Tensor Loss(const TrainBatch& batch);
  void UpdateAverage();
  Validation Validate();
  absl::Status EndEpoch(double loss, Progress& progress);
  absl::Status Export();

  int64_t StepsPerEpoch() const { return (train_.size() + options_.batch - 1) / options_.batch; }
  std::string Path(const char* file) const { return absl::StrCat(options_.out, "/", file); }

  const bundle::v1::Manifest manifest_;
  const InputSpec spec_;
  const ImageCache& train_;
  const ImageCache& validation_;
  const TrainOptions options_;
  Learner learner_, average_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
  TrainState state_;
};

// Images with interleaved channels run much faster on processors.
void UseChannelsLast(torch::nn::Module& module) {
  for (auto& parameter : module.parameters()) {
    if (parameter.dim() == 4) {
      parameter.set_data(parameter.contiguous(torch::MemoryFormat::ChannelsLast));
    }
  }
}

Trainer::Trainer(const bundle::v1::Manifest& manifest, const ImageCache& train,
                 const ImageCache& validation, const TrainOptions& options)
    : manifest_(manifest),
      spec_(InputSpecFrom(manifest.input())),
      train_(train),
      validation_(validation),
      options_(options),
      learner_(manifest),
      average_(manifest) {
  UseChannelsLast(*learner_);
  UseChannelsLast(*average_);
  average_->eval();
  // Three groups: encoder, the rest, and whatever should not decay (norms, biases, scalars).
  std::vector<torch::Tensor> encoder, rest, plain;
  for (const auto& item : learner_->named_parameters()) {
    auto& group = item.value().dim() < 2                     ? plain
                  : item.key().rfind("net.encoder.", 0) == 0 ? encoder
                                                             : rest;
    group.push_back(item.value());
  }
  const auto group = [&](std::vector<torch::Tensor> parameters, double decay) {
    return torch::optim::OptimizerParamGroup(
        std::move(parameters), std::make_unique<torch::optim::AdamWOptions>(
                                   torch::optim::AdamWOptions(options.rate).weight_decay(decay)));
  };
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.push_back(group(encoder, options.weight_decay));
  groups.push_back(group(rest, options.weight_decay));
  groups.push_back(group(plain, 0));
  optimizer_ = std::make_unique<torch::optim::AdamW>(std::move(groups));
}

void CopyState(const torch::nn::Module& from, torch::nn::Module& to) {
  torch::NoGradGuard no_grad;
  auto target = StateOf(to);
  for (const auto& [name, tensor] : StateOf(from)) {
    target[name].copy_(tensor);
  }
}

absl::Status Trainer::Begin() {
  if (options_.resume) {
    return LoadCheckpoint(Path("last.safetensors"), learner_, average_, *optimizer_, state_);
  }
  if (!options_.start.empty()) {
    auto* encoder = dynamic_cast<MobileNetV2*>(&learner_->net()->encoder());
    if (encoder == nullptr) {
      return absl::InvalidArgumentError("an ImageNet start fits MobileNetV2 encoders only");
    }
    LINGULA_ASSIGN_OR_RETURN(const auto convs, ReadMobileNetV2(options_.start));
    const auto some =
        torch::randperm(train_.size()).narrow(0, 0, std::min<int64_t>(kStartImages, train_.size()));
    const auto batch =
        Plain(train_.images.index_select(0, some), train_.masks.index_select(0, some),
              train_.zones.index_select(0, some));
    LINGULA_RETURN_IF_ERROR(StartFrom(convs, spec_.transpose, batch.images, *encoder));
  }
  CopyState(*learner_, *average_);
  return absl::OkStatus();
}

void Trainer::SetRates() {
  const double total = static_cast<double>(StepsPerEpoch() * options_.epochs);
  const double warmup = std::min(1.0, (state_.step + 1.0) / options_.warmup_steps);
  const double cosine = 0.5 * (1 + std::cos(M_PI * static_cast<double>(state_.step) / total));
  const double rates[] = {options_.encoder_rate, options_.rate, options_.rate};
  for (size_t i = 0; i < 3; ++i) {
    optimizer_->param_groups()[i].options().set_lr(rates[i] * warmup * std::max(cosine, 1e-3));
  }
}

torch::Tensor Trainer::Loss(const TrainBatch& batch) {
  Autocast autocast(options_.bf16);
  auto& net = learner_->net();
  const auto images = batch.images.contiguous(torch::MemoryFormat::ChannelsLast);
  const auto features = net->Encode(images);
  const auto located = net->Locate(images, features);
  // Who guides each sample: the truth, nothing, or the network's own report.
  const auto draw = torch::rand({images.size(0)});
  const auto truth = (draw < options_.truth_share).unsqueeze(1);
  const auto withheld = (draw >= 1 - options_.withheld_share);
  const auto own = torch::sigmoid(located.zones.detach().to(torch::kFloat32));
  const auto rows = ReportRows(torch::where(truth, batch.zones, own));
  const auto text = SelectRows(net->ProjectText(learner_->ReportTable()), rows);
  const auto use_text = (~withheld).to(torch::kFloat32).view({-1, 1, 1});
  const auto logits = net->Decode(features, text, use_text).to(torch::kFloat32);

  const auto bce = [](const torch::Tensor& x, const torch::Tensor& y) {
    return torch::binary_cross_entropy_with_logits(x.to(torch::kFloat32), y);
  };
  const auto coarse = located.coarse.to(torch::kFloat32);
  const auto coarse_truth = torch::adaptive_avg_pool2d(batch.masks, coarse.sizes().slice(2));
  return SoftDiceLoss(logits, batch.masks) + bce(logits, batch.masks) +
         options_.zone_weight * bce(located.zones, batch.zones) +
         options_.coarse_weight * bce(coarse, coarse_truth);
}

double Trainer::Step(const torch::Tensor& picked) {
  // All randomness of a step follows from its number, so that a resumed run goes on alike.
  torch::manual_seed(options_.seed * 1000003 + state_.step);
  SetRates();
  const auto batch =
      Augment(train_.images.index_select(0, picked), train_.masks.index_select(0, picked),
              train_.zones.index_select(0, picked), spec_, options_.augment);
  optimizer_->zero_grad();
  const auto loss = Loss(batch);
  loss.backward();
  torch::nn::utils::clip_grad_norm_(learner_->parameters(), 3.0);
  optimizer_->step();
  ++state_.step;
  UpdateAverage();
  return loss.item<double>();
}

void Trainer::UpdateAverage() {
  torch::NoGradGuard no_grad;
  const double step = static_cast<double>(state_.step);
  const double keep = std::min(options_.ema, (1 + step) / (10 + step));
  auto target = StateOf(*average_);
  for (const auto& [name, tensor] : StateOf(*learner_)) {
    if (tensor.is_floating_point()) {
      target[name].lerp_(tensor, 1 - keep);
    } else {
      target[name].copy_(tensor);
    }
  }
}

OverlapCounts CountMasks(const torch::Tensor& logits, const torch::Tensor& masks) {
  const auto predicted = (logits >= 0).to(torch::kUInt8).contiguous();
  const auto truth = masks.to(torch::kUInt8).contiguous();
  const auto span = [](const torch::Tensor& t) {
    return absl::MakeConstSpan(t.data_ptr<uint8_t>(), static_cast<size_t>(t.numel()));
  };
  return CountOverlap(span(predicted), span(truth));
}

Validation Trainer::Validate() {
  torch::InferenceMode inference;
  Validation result;
  auto& net = average_->net();
  const auto table = net->ProjectText(average_->ReportTable());
  int64_t right = 0;
  for (int64_t from = 0; from < validation_.size(); from += options_.batch) {
    const int64_t n = std::min<int64_t>(options_.batch, validation_.size() - from);
    const auto batch =
        Plain(validation_.images.narrow(0, from, n), validation_.masks.narrow(0, from, n),
              validation_.zones.narrow(0, from, n));
    Autocast autocast(options_.bf16);
    const auto images = batch.images.contiguous(torch::MemoryFormat::ChannelsLast);
    const auto features = net->Encode(images);
    const auto zones = torch::sigmoid(net->Locate(images, features).zones.to(torch::kFloat32));
    const auto text = SelectRows(table, ReportRows(zones));
    result.guided += CountMasks(net->Decode(features, text, torch::Tensor()), batch.masks);
    result.withheld +=
        CountMasks(net->Decode(features, text, torch::zeros({n, 1, 1})), batch.masks);
    right += ((zones >= 0.5) == (batch.zones >= 0.5)).sum().item<int64_t>();
  }
  result.zone_accuracy = static_cast<double>(right) / static_cast<double>(6 * validation_.size());
  return result;
}

absl::Status Trainer::EndEpoch(double loss, Progress& progress) {
  const Validation v = Validate();
  const int64_t epoch = state_.step / StepsPerEpoch();
  const double dice = v.guided.Dice();
  std::ofstream log(Path("log.csv"), std::ios::app);
  if (log.tellp() == 0) {
    log << "epoch,step,loss,dice,dice_withheld,zone_accuracy\n";
  }
  log << absl::StrFormat("%d,%d,%.5f,%.5f,%.5f,%.5f\n", epoch, state_.step, loss, dice,
                         v.withheld.Dice(), v.zone_accuracy);
  progress.Advance(state_.step,
                   absl::StrFormat("epoch %d: Dice %.4f, text withheld %.4f, zones %.3f", epoch,
                                   dice, v.withheld.Dice(), v.zone_accuracy));
  if (dice > state_.best_dice) {
    state_.best_dice = dice;
    TensorWriter best;
    best.AddState(*average_, "average/");
    LINGULA_RETURN_IF_ERROR(best.Write(Path("best.safetensors")));
  }
  return SaveCheckpoint(Path("last.safetensors"), learner_, average_, *optimizer_, state_);
}

absl::Status Trainer::Export() {
  LINGULA_ASSIGN_OR_RETURN(const SafeTensors best, SafeTensors::Open(Path("best.safetensors")));
  LINGULA_RETURN_IF_ERROR(LoadState(*average_, best, "average/"));
  return ExportBundle(options_.out, manifest_, average_);
}

absl::Status Trainer::Run() {
  LINGULA_RETURN_IF_ERROR(Begin());
  Progress progress("training", StepsPerEpoch() * options_.epochs, state_.step);
  while (state_.step < StepsPerEpoch() * options_.epochs) {
    const int64_t epoch = state_.step / StepsPerEpoch();
    torch::manual_seed(options_.seed * 7919 + epoch);
    const auto order = torch::randperm(train_.size());
    double loss = 0;
    while (state_.step < (epoch + 1) * StepsPerEpoch()) {
      const int64_t from = state_.step % StepsPerEpoch() * options_.batch;
      const int64_t n = std::min<int64_t>(options_.batch, train_.size() - from);
      loss = Step(order.narrow(0, from, n));
      progress.Advance(state_.step, absl::StrFormat("step %d  loss %.3f", state_.step, loss));
      if (state_.step % kCheckpointSteps == 0) {
        LINGULA_RETURN_IF_ERROR(
            SaveCheckpoint(Path("last.safetensors"), learner_, average_, *optimizer_, state_));
      }
    }
    LINGULA_RETURN_IF_ERROR(EndEpoch(loss, progress));
    if (epoch + 1 == options_.stop_after) {
      return absl::OkStatus();
    }
  }
  return Export();
}

}  // namespace

absl::Status Train(const bundle::v1::Manifest& manifest, const ImageCache& train,
                   const ImageCache& validation, const TrainOptions& options) {
  torch::manual_seed(options.seed);  // before the network is made
  Trainer trainer(manifest, train, validation, options);
  return trainer.Run();
}

}  // namespace lingula
