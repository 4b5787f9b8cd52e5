#include "model/train/prolearn_learner.h"

#include <utility>

#include "absl/strings/match.h"
#include "model/backend/network_options.h"
#include "model/base/status_macros.h"
#include "model/train/losses.h"
#include "model/train/mask_loss.h"

namespace lingula {
namespace {

// More than an epoch of the largest data set in use.
constexpr int64_t kMemory = 8192;

ProlearnOptions NetOptions(const train::v1::Recipe& recipe) {
  ProlearnOptions options = ProlearnOptionsFrom(recipe.bundle());
  if (recipe.prolearn().has_guide_scale()) {
    options.guide_scale = recipe.prolearn().guide_scale();
  }
  return options;
}

CaptionTowerOptions TowerOptions(const train::v1::Recipe& recipe) {
  const train::v1::CaptionTowerSizes& sizes = recipe.prolearn().text();
  CaptionTowerOptions o;
  o.words = sizes.words();
  o.tokens = sizes.tokens();
  o.hidden = sizes.hidden();
  o.heads = sizes.heads();
  o.layers = sizes.layers();
  o.feed_forward = sizes.feed_forward();
  o.dropout = sizes.dropout();
  o.response_dim = recipe.bundle().prolearn().response_dim();
  return o;
}

}  // namespace

absl::StatusOr<std::shared_ptr<Learner>> ProlearnLearner::Make(const train::v1::Recipe& recipe) {
  return std::shared_ptr<Learner>(std::make_shared<ProlearnLearner>(recipe));
}

ProlearnLearner::ProlearnLearner(const train::v1::Recipe& recipe)
    : recipe_(recipe),
      net_(register_module("net", Prolearn(NetOptions(recipe)))),
      text_(register_module("text", CaptionTower(TowerOptions(recipe)))),
      memory_(register_module("memory",
                              PairMemory(refits() ? kMemory : 1, net_->options().query_dim,
                                         net_->options().response_dim, net_->options().labels))) {
  const train::v1::ProlearnTraining& p = recipe.prolearn();
  const ProlearnOptions& sizes = net_->options();
  if (p.matching_weight() > 0) {
    match_ = register_module("match", MatchingHead(sizes.query_dim));
  }
  if (p.label_weight() > 0) {
    labels_ = register_module("labels", torch::nn::Linear(sizes.query_dim, sizes.labels));
  }
  if (p.coarse_weight() > 0) {
    const auto& query = std::get<FeatureQueryOptions>(sizes.query);
    coarse_ = register_module("coarse", torch::nn::Linear(query.dim, 1));
  }
  if (p.course() == train::v1::PROTOTYPE_COURSE_LEARNED) {
    shift_ = register_parameter("shift",
                                torch::zeros({sizes.labels, sizes.prototypes, sizes.response_dim}));
  }
  pool_count_ = register_buffer("pool_count", torch::full({}, sizes.labels, torch::kInt64));
  Freeze();
}

void ProlearnLearner::Freeze() {
  net_->matrix().set_requires_grad(false);  // fitted, not learned
  const bool heads_only = recipe_.prolearn().heads_only();
  for (auto& item : named_parameters()) {
    const std::string& name = item.key();
    const bool tower = absl::StartsWith(name, "net.prototype.encoder.model.visual.trunk.");
    const bool body = heads_only && absl::StartsWith(name, "text.bert.");
    const bool head = recipe_.prolearn().fixed_matching_head() && absl::StartsWith(name, "match.");
    if (tower || body || head) {
      item.value().set_requires_grad(false);
    }
  }
  if (heads_only && net_->reads_features()) {
    for (auto& item : net_->feature_query()->named_parameters()) {
      item.value().set_requires_grad(item.key() == "proj.weight");
    }
  }
}

bool ProlearnLearner::refits() const {
  const auto course = recipe_.prolearn().course();
  return course != train::v1::PROTOTYPE_COURSE_FIXED &&
         course != train::v1::PROTOTYPE_COURSE_LEARNED;
}

bool ProlearnLearner::labels_are_zones() const {
  return recipe_.prolearn().labels() == train::v1::PAIR_LABELS_ZONES;
}

bool ProlearnLearner::NeedsZones() const {
  return labels_are_zones();
}

absl::Status ProlearnLearner::BeginTraining(const ImageCache& train, bool /*resumed*/) {
  train_ = &train;
  LINGULA_ASSIGN_OR_RETURN(captions_, PairCaptions::Of(train, recipe_));
  words_ = CaptionWords::Of(captions_->captions(), static_cast<int>(text_->options().words));
  if (labels_are_zones()) {
    labeller_.emplace();
  }
  return absl::OkStatus();
}

int64_t ProlearnLearner::LeadSteps(int64_t per_epoch) const {
  return recipe_.prolearn().contrastive_epochs() * per_epoch;
}

std::vector<std::string> ProlearnLearner::Terms() const {
  std::vector<std::string> terms = MaskTerms();
  terms.insert(terms.end(), {"pair", "matching", "label_entropy", "coarse_entropy", "caption_hits",
                             "first_hits"});
  return terms;
}

Learner::Group ProlearnLearner::GroupOf(const std::string& name) const {
  return absl::StartsWith(name, "net.vision_encoder.") ? Group::kEncoder : Group::kRest;
}

// Averages of what is fitted or kept mean nothing; the tower stands still when it matters.
bool ProlearnLearner::IsCopied(const std::string& name) const {
  return name == "net.prototype.matrix" || absl::StartsWith(name, "text.") ||
         absl::StartsWith(name, "memory.");
}

StepLoss ProlearnLearner::LeadLoss(const TrainBatch& batch) {
  const TrainBatch told = Told(batch);
  const Pairs pairs = Ask(told, true);
  const Contrast contrast = Compare(pairs, true);
  StepLoss answer;
  const size_t first = MaskTerms().size();
  answer.terms.resize(first + kTerms);
  // The last batch of an epoch may be a single image: nothing to compare, nothing learned.
  answer.total = contrast.pair.defined() ? contrast.pair : pairs.queries.sum() * 0;
  if (contrast.pair.defined()) {
    answer.terms[first + kPair] = contrast.pair.detach();
    answer.terms[first + kCaptionHits] = contrast.hits;
  }
  if (contrast.matching.defined()) {
    answer.total = answer.total + recipe_.prolearn().matching_weight() * contrast.matching;
    answer.terms[first + kMatching] = contrast.matching.detach();
  }
  AddQueryLosses(pairs, told, answer);
  return answer;
}

StepLoss ProlearnLearner::Loss(const TrainBatch& batch, int64_t step, const RunSteps& run) {
  if (step < run.lead) {
    return LeadLoss(batch);
  }
  if (!labeller_.has_value()) {  // a resumed run; it worked at the end of the lead
    const absl::Status found = FindLabels();
    TORCH_CHECK(found.ok(), std::string(found.message()));
  }
  const Pairs pairs = Ask(batch, false);
  const Retrieval own = Retrieve(pairs.queries.detach());
  torch::Tensor use_guidance;
  const auto response = Guidance(pairs, own, use_guidance);
  StepLoss answer;
  answer.logits = net_->Decode(pairs.features, response, use_guidance);
  auto masks = MaskLoss(recipe_.losses(), answer.logits, batch.masks);
  answer.total = masks.total;
  answer.terms = std::move(masks.terms);
  const size_t first = answer.terms.size();
  answer.terms.resize(first + kTerms);
  if (recipe_.prolearn().pair_weight() > 0) {
    if (const Contrast contrast = Compare(pairs, false); contrast.pair.defined()) {
      answer.total = answer.total + recipe_.prolearn().pair_weight() * contrast.pair;
      answer.terms[first + kPair] = contrast.pair.detach();
      answer.terms[first + kCaptionHits] = contrast.hits;
    }
  }
  AddQueryLosses(pairs, batch, answer);
  const HitTable hits =
      CountHits(own, pairs.labels, net_->options().labels, net_->options().prototypes);
  if (hits.all.images > 0) {
    answer.terms[first + kFirstHits] =
        torch::full({}, hits.all.first, batch.masks.options().dtype(torch::kFloat32));
  }
  if (refits()) {
    memory_->Add(pairs.queries, pairs.texts, pairs.labels);
  }
  return answer;
}

}  // namespace lingula
