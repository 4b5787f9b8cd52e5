#include "model/train/sgseg_learner.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/backend/network_options.h"
#include "model/backend/weights.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"
#include "model/train/losses.h"
#include "model/train/mask_loss.h"

namespace lingula {
namespace {

constexpr int64_t kContrastiveSteps = 20;  // of the published program
constexpr double kSgsegScale = 0.01, kLanguideScale = 1.421;

SgsegOptions NetOptions(const train::v1::Recipe& recipe) {
  SgsegOptions options = SgsegOptionsFrom(recipe.bundle());
  options.guide_scale = recipe.has_sgseg() ? kSgsegScale : kLanguideScale;
  if (recipe.sgseg().has_guide_scale()) {
    options.guide_scale = recipe.sgseg().guide_scale();
  } else if (recipe.languide().has_guide_scale()) {
    options.guide_scale = recipe.languide().guide_scale();
  }
  return options;
}

}  // namespace

absl::StatusOr<std::shared_ptr<Learner>> SgsegLearner::Make(const train::v1::Recipe& recipe) {
  const auto& text = recipe.has_sgseg() ? recipe.sgseg().text() : recipe.languide().text();
  const bundle::v1::SgsegSpec& network = recipe.bundle().sgseg();
  LINGULA_ASSIGN_OR_RETURN(auto tower, ReportTower::Make(text, network.report_dim()));
  const int64_t words = network.text_encoder().vocabulary();
  if (network.has_text_encoder() && words != tower.words()) {
    return absl::InvalidArgumentError(
        absl::StrCat(text.vocabulary_file(), ": has ", tower.words(),
                     " tokens, bundle.sgseg.text_encoder.vocabulary says ", words));
  }
  return std::shared_ptr<Learner>(std::make_shared<SgsegLearner>(recipe, std::move(tower)));
}

SgsegLearner::SgsegLearner(const train::v1::Recipe& recipe, ReportTower tower)
    : recipe_(recipe),
      net_(register_module("net", Sgseg(NetOptions(recipe)))),
      tower_(std::move(tower)) {
  register_module("text", tower_.bert());
  const int64_t image = net_->encoder().widths()[3], text = net_->options().report_dim;
  if (contrastive_steps() > 0 && image != text) {
    match_ = register_module("match", torch::nn::Linear(image, text));
  }
}

absl::Status SgsegLearner::BeginTraining(const ImageCache& /*train*/, bool /*resumed*/) {
  return absl::OkStatus();
}

std::vector<std::string> SgsegLearner::Terms() const {
  std::vector<std::string> terms = MaskTerms();
  terms.insert(terms.end(), {"zone_entropy", "coarse_entropy", "contrastive"});
  return terms;
}

double SgsegLearner::TruthShare(int64_t step, const RunSteps& run) const {
  if (!finds_zones()) {
    return 1;
  }
  const train::v1::SgsegTraining& s = recipe_.sgseg();
  if (!s.has_last_truth_share() || run.epochs < 2) {
    return s.truth_share();
  }
  const auto epoch = static_cast<double>((step - run.lead) / run.per_epoch);
  const double way = epoch / static_cast<double>(run.epochs - 1);
  return s.truth_share() + way * (s.last_truth_share() - s.truth_share());
}

double SgsegLearner::withheld_share() const {
  return finds_zones() ? recipe_.sgseg().withheld_share() : recipe_.languide().withheld_share();
}

int64_t SgsegLearner::contrastive_steps() const {
  if (!finds_zones()) {
    return 0;
  }
  const train::v1::SgsegTraining& s = recipe_.sgseg();
  return s.has_contrastive_steps() ? s.contrastive_steps() : kContrastiveSteps;
}

torch::Tensor SgsegLearner::ContrastiveLoss(const TrainBatch& batch, const Features& features) {
  auto image = features[3].to(torch::kFloat32).mean({2, 3});
  if (match_) {
    image = match_(image).to(torch::kFloat32);
  }
  const auto reports = tower_.Read(ReportRows(batch.zones));
  const auto text = reports.hidden.to(torch::kFloat32).mean(1).index_select(0, reports.index);
  return WarmUpLoss(image, text);
}

StepLoss SgsegLearner::Loss(const TrainBatch& batch, int64_t step, const RunSteps& run) {
  const auto features = net_->Encode(batch.images);
  StepLoss answer;
  answer.terms.resize(Terms().size());
  if (step < contrastive_steps()) {
    answer.total = ContrastiveLoss(batch, features);
    answer.terms.back() = answer.total.detach();
    return answer;
  }
  // Who guides each sample: the truth below, nothing above, the network's own report between.
  const auto draw = torch::rand({batch.zones.size(0), 1}, batch.zones.options());
  auto zones = batch.zones;
  LocationTrunkImpl::Answer located;
  if (finds_zones()) {
    located = net_->Locate(batch.images, features);
    const auto own = torch::sigmoid(located.zones.detach().to(torch::kFloat32));
    zones = torch::where(draw < TruthShare(step, run), batch.zones, own);
  }
  const auto reports = tower_.Read(ReportRows(zones));
  const auto text = SelectRows(net_->ProjectText(reports.hidden), reports.index);
  torch::Tensor use_text;  // undefined: in every sample
  if (withheld_share() > 0) {
    use_text = (draw < 1 - withheld_share()).to(torch::kFloat32).unsqueeze(2);
  }
  answer.logits = net_->Decode(features, text, use_text);
  auto masks = MaskLoss(recipe_.losses(), answer.logits, batch.masks);
  answer.total = masks.total;
  std::move(masks.terms.begin(), masks.terms.end(), answer.terms.begin());
  const auto add = [&](double weight, const torch::Tensor& loss, size_t from_end) {
    answer.total = answer.total + weight * loss;
    answer.terms[answer.terms.size() - from_end] = loss.detach();
  };
  if (recipe_.losses().zones() > 0) {
    add(recipe_.losses().zones(), Entropy(located.zones, batch.zones), 3);
  }
  if (recipe_.losses().coarse() > 0) {
    const auto truth = torch::adaptive_avg_pool2d(batch.masks, located.coarse.sizes().slice(2));
    add(recipe_.losses().coarse(), Entropy(located.coarse, truth), 2);
  }
  return answer;
}

void SgsegLearner::BeginPredicting() {
  table_ = net_->ProjectText(tower_.Table());
}

LearnerAnswer SgsegLearner::Predict(const TrainBatch& batch) {
  LearnerAnswer prediction;
  const auto features = net_->Encode(batch.images);
  auto zones = batch.zones;
  if (finds_zones()) {
    zones = torch::sigmoid(net_->Locate(batch.images, features).zones.to(torch::kFloat32));
    prediction.zones = zones;
  }
  const auto text = SelectRows(table_, ReportRows(zones));
  prediction.guided = net_->Decode(features, text, torch::Tensor());
  prediction.withheld =
      net_->Decode(features, text, torch::zeros({zones.size(0), 1, 1}, zones.options()));
  return prediction;
}

Learner::Group SgsegLearner::GroupOf(const std::string& name) const {
  return absl::StartsWith(name, "net.encoder.") ? Group::kEncoder : Group::kRest;
}

absl::Status SgsegLearner::Export(const std::string& folder, bundle::v1::Manifest& manifest) {
  const auto path = [&folder](const char* file) { return absl::StrCat(folder, "/", file); };
  TensorWriter weights;
  weights.AddState(*net_, "", true);
  LINGULA_RETURN_IF_ERROR(weights.Write(path(kWeightsFile)));
  TensorWriter reports;
  reports.Add("table", tower_.Table(), true);
  LINGULA_RETURN_IF_ERROR(reports.Write(path(kReportsFile)));
  if (!manifest.sgseg().has_text_encoder()) {
    return absl::OkStatus();
  }
  TensorWriter tower;
  tower.AddState(*tower_.bert(), "", true);
  LINGULA_RETURN_IF_ERROR(tower.Write(path(kTextEncoderFile)));
  return WriteFile(path(kVocabularyFile), tower_.vocabulary());
}

}  // namespace lingula
