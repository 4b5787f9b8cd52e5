// What guides a mask while ProLearn is trained, and what its bundle holds.
#include <filesystem>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/backend/weights.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"
#include "model/train/image_queries.h"
#include "model/train/pair_loss.h"
#include "model/train/prolearn_learner.h"

namespace lingula {
namespace {

constexpr char kTowerFile[] = "text_tower.safetensors";
constexpr char kMatrix[] = "prototype.matrix";

}  // namespace

// [labels, prototypes, response_dim].
torch::Tensor ProlearnLearner::TextHalves() {
  const auto halves =
      net_->matrix().narrow(2, net_->options().query_dim, net_->options().response_dim);
  return shift_.defined() ? halves + shift_ : halves;
}

Retrieval ProlearnLearner::Retrieve(const torch::Tensor& queries) {
  Retrieval retrieval = net_->Retrieve(queries);
  if (shift_.defined()) {
    retrieval.response = TextHalves()
                             .flatten(0, 1)
                             .index_select(0, retrieval.rows.flatten())
                             .view_as(retrieval.response);
  }
  return retrieval;
}

// The text halves nearest to the caption's text among prototypes of its labels: what a query that
// makes no mistake would retrieve.
torch::Tensor ProlearnLearner::TrueResponse(const Pairs& pairs) {
  const ProlearnOptions& sizes = net_->options();
  const auto halves = TextHalves().flatten(0, 1);
  const auto others = 1 - LabelBits(pairs.labels, sizes.labels)
                              .to(halves.device())
                              .repeat_interleave(sizes.prototypes, 1);
  const auto scores = Unit(pairs.texts).matmul(Unit(halves.detach()).t()) - 4 * others;
  const auto [values, rows] = scores.topk(sizes.top_k, 1);
  auto response = halves.index_select(0, rows.flatten()).view({rows.size(0), sizes.top_k, -1});
  if (sizes.response == Response::kWeightedSum) {
    const auto weights = torch::softmax(values, 1).unsqueeze(2);
    response = (weights * response).sum(1, true).expand_as(response);
  }
  return response;
}

// Each sample draws who guides it: the truth below, nothing above, what it retrieves between.
torch::Tensor ProlearnLearner::Guidance(const Pairs& pairs, const Retrieval& own,
                                        torch::Tensor& use_guidance) {
  const train::v1::ProlearnTraining& p = recipe_.prolearn();
  const auto draw = torch::rand({pairs.queries.size(0), 1, 1}, pairs.queries.options());
  if (p.withheld_share() > 0) {
    use_guidance = (draw < 1 - p.withheld_share()).to(torch::kFloat32);
  }
  if (p.truth_share() == 0 || pairs.told.size(0) == 0) {
    return own.response;
  }
  auto told = torch::zeros_like(draw, torch::kBool);
  told.index_fill_(0, pairs.told, 1);
  return torch::where(told.logical_and(draw < p.truth_share()), TrueResponse(pairs), own.response);
}

torch::Tensor ProlearnLearner::CachedQueries(const torch::Tensor& rows) {
  if (!cached_.defined()) {
    std::vector<int64_t> all(train_->size());
    for (size_t i = 0; i < all.size(); ++i) {
      all[i] = static_cast<int64_t>(i);
    }
    cached_ = QueriesOf(net_, *train_, all).to(net_->parameters().front().device());
  }
  return cached_.index_select(0, rows.to(cached_.device()));
}

LearnerAnswer ProlearnLearner::Predict(const TrainBatch& batch) {
  const auto features = net_->Encode(batch.images);
  const auto queries = net_->Embed(batch.images, features).to(torch::kFloat32);
  const auto response = Retrieve(queries).response;
  LearnerAnswer prediction;
  prediction.guided = net_->Decode(features, response, torch::Tensor());
  prediction.withheld =
      net_->Decode(features, response, torch::zeros({queries.size(0), 1, 1}, queries.options()));
  if (labels_ && labels_are_zones()) {
    prediction.zones = torch::sigmoid(labels_(queries).to(torch::kFloat32));
  }
  return prediction;
}

absl::Status ProlearnLearner::FindLabels() {
  const auto texts = TextsOf(captions_->captions(), false).to(torch::kCPU);
  LINGULA_ASSIGN_OR_RETURN(labeller_, PairLabeller::OfClusters(texts, recipe_));
  pool_count_.fill_(labeller_->count());
  return absl::OkStatus();
}

// A clean pass: the images with captions as they are.
PairSet ProlearnLearner::Embed(const ImageCache& train, Prolearn& net) {
  PairSet pairs;
  const auto rows = torch::tensor(captions_->rows(), torch::kInt64);
  TrainBatch batch;
  batch.rows = rows;
  batch.zones = train.zones.index_select(0, rows);
  pairs.texts = TextsOf(captions_->captions(), false).to(torch::kCPU);
  pairs.labels = labeller_->For(batch, captions_->captions(), pairs.texts);
  pairs.queries = QueriesOf(net, train, captions_->rows());
  return pairs;
}

absl::Status ProlearnLearner::Fit(const PairSet& pairs, int64_t seed, Prolearn& net) {
  const train::v1::ProlearnTraining& p = recipe_.prolearn();
  PairSet scaled = pairs;
  if (p.equal_lengths()) {
    scaled.queries = OfEqualLength(pairs.queries);
    scaled.texts = OfEqualLength(pairs.texts);
  }
  PrototypeOptions options;
  options.rule = p.nearest_member() ? PrototypeRule::kNearestMember : PrototypeRule::kMean;
  options.seed = static_cast<uint64_t>(seed);
  return FitMatrix(scaled, options, net->matrix()).status();
}

absl::Status ProlearnLearner::EndEpoch(const ImageCache& train, Learner& average, int64_t step,
                                       const RunSteps& run) {
  if (step < run.lead || (step > run.lead && !refits())) {
    return absl::OkStatus();
  }
  auto& kept = dynamic_cast<ProlearnLearner&>(average);
  if (!labeller_.has_value()) {
    LINGULA_RETURN_IF_ERROR(FindLabels());
  }
  kept.pool_count_.copy_(pool_count_);
  if (step == run.lead) {
    const PairSet pairs = Embed(train, net_);
    LINGULA_RETURN_IF_ERROR(Fit(pairs, step, net_));
    const HitTable hits =
        CountHits(net_->Retrieve(pairs.queries.to(net_->matrix().device())), pairs.labels,
                  net_->options().labels, net_->options().prototypes);
    std::cerr << absl::StreamFormat(
        "prototypes: %s; the nearest has a label of the image in %.1f %% of %d images\n",
        labeller_->Describe(), hits.all.first * 100, hits.all.images);
    const torch::NoGradGuard no_grad;
    kept.net_->matrix().copy_(net_->matrix());
    return absl::OkStatus();
  }
  if (&kept != this) {
    LINGULA_RETURN_IF_ERROR(
        Fit(memory_->Newest(static_cast<int64_t>(captions_->rows().size())), step, net_));
  }
  return Fit(Embed(train, kept.net_), step, kept.net_);
}

absl::Status ProlearnLearner::Export(const std::string& folder, bundle::v1::Manifest& manifest) {
  if (!words_.has_value()) {
    return absl::FailedPreconditionError("a ProLearn learner has no words before BeginTraining");
  }
  const auto pools = pool_count_.item<int64_t>();
  manifest.mutable_prolearn()->set_labels(static_cast<uint32_t>(pools));
  const auto path = [&folder](const char* file) { return absl::StrCat(folder, "/", file); };
  TensorWriter weights;
  for (const auto& [name, tensor] : StateOf(*net_)) {
    if (name != kMatrix) {
      weights.Add(name, tensor, true);
    }
  }
  LINGULA_RETURN_IF_ERROR(weights.Write(path(kWeightsFile)));
  TensorWriter prototypes;
  const auto keys = net_->matrix().narrow(2, 0, net_->options().query_dim);
  prototypes.Add("matrix", torch::cat({keys, TextHalves()}, 2).narrow(0, 0, pools).contiguous());
  LINGULA_RETURN_IF_ERROR(
      prototypes.Write(path(kPrototypesFile), LengthsMetadata(recipe_.prolearn().equal_lengths())));
  const auto out = std::filesystem::path(folder).parent_path().parent_path();
  return SaveCaptionTower((out / kTowerFile).string(), text_, *words_);
}

}  // namespace lingula
