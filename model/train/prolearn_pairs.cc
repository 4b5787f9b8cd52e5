// What ProLearn's training learns from pairs of images and captions.
#include <map>
#include <utility>

#include "model/bundle/bundle.h"
#include "model/train/batches.h"
#include "model/train/losses.h"
#include "model/train/mask_loss.h"
#include "model/train/pair_loss.h"
#include "model/train/prolearn_learner.h"

namespace lingula {
// In the lead each image needs a caption; where not all have one, those with one are drawn anew.
TrainBatch ProlearnLearner::Told(const TrainBatch& batch) const {
  if (captions_->all()) {
    return batch;
  }
  const auto rows = torch::tensor(captions_->rows(), torch::kInt64);
  const auto draw = torch::randint(rows.size(0), {batch.rows.size(0)}, torch::kInt64);
  const auto picked = rows.index_select(0, draw);
  const auto take = [&](const torch::Tensor& all) {
    return all.index_select(0, picked).to(batch.images.device());
  };
  TrainBatch told =
      Augment(take(train_->images), take(train_->masks), take(train_->zones), picked,
              InputSpecFrom(recipe_.bundle().input()), AugmentOptionsFrom(recipe_.augmentation()));
  told.images = told.images.contiguous(torch::MemoryFormat::ChannelsLast);
  return told;
}

// Only the lead trains the tower; afterwards it computes in float32 and without chance, so that
// equal captions have equal texts in all steps.
torch::Tensor ProlearnLearner::TextsOf(const std::vector<std::string>& captions, bool leading) {
  text_->train(leading);
  if (leading) {
    return EmbedCaptions(text_, *words_, captions).to(torch::kFloat32);
  }
  const torch::NoGradGuard no_grad;
  const c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::autocast_dispatch_keyset);
  return EmbedCaptions(text_, *words_, captions);
}

void ProlearnLearner::Query(const TrainBatch& batch, bool leading, Pairs& pairs) {
  if (net_->reads_features()) {
    pairs.features = net_->Encode(batch.images);
    const auto answer = net_->feature_query()->forward(pairs.features);
    pairs.queries = answer.query.to(torch::kFloat32);
    pairs.tokens = answer.tokens;
    return;
  }
  if (leading) {
    pairs.queries = net_->Embed(batch.images).to(torch::kFloat32);
    return;
  }
  pairs.features = net_->Encode(batch.images);
  const torch::NoGradGuard no_grad;
  pairs.queries = recipe_.prolearn().cached_queries()
                      ? CachedQueries(batch.rows)
                      : net_->Embed(batch.images).to(torch::kFloat32);
}

ProlearnLearner::Pairs ProlearnLearner::Ask(const TrainBatch& batch, bool leading) {
  Pairs pairs;
  Query(batch, leading, pairs);
  pairs.captions = captions_->For(batch);
  pairs.texts = TextsOf(pairs.captions, leading);
  std::vector<int64_t> told;
  for (size_t i = 0; i < pairs.captions.size(); ++i) {
    if (!pairs.captions[i].empty()) {
      told.push_back(static_cast<int64_t>(i));
    }
  }
  pairs.told = torch::tensor(told, torch::kInt64).to(pairs.queries.device());
  pairs.labels.resize(pairs.captions.size());
  if (labeller_.has_value()) {
    pairs.labels =
        labeller_->For(batch, pairs.captions, pairs.texts.detach().to(torch::kCPU).contiguous());
  }
  return pairs;
}

// Pairs match whose zones, or whose captions, are equal.
ProlearnLearner::Contrast ProlearnLearner::Compare(const Pairs& pairs, bool matching) {
  Contrast contrast;
  if (pairs.told.size(0) < 2) {
    return contrast;
  }
  const auto queries = pairs.queries.index_select(0, pairs.told);
  const auto texts = pairs.texts.index_select(0, pairs.told);
  torch::Tensor keys;  // equal for pairs that match
  if (labels_are_zones()) {
    keys = LabelBits(pairs.labels, net_->options().labels);
  } else {
    std::map<std::string, float> numbers;
    std::vector<float> numbered;
    for (const std::string& caption : pairs.captions) {
      numbered.push_back(
          numbers.emplace(caption, static_cast<float>(numbers.size())).first->second);
    }
    keys = torch::tensor(numbered).unsqueeze(1);
  }
  keys = keys.to(queries.device()).index_select(0, pairs.told);
  {
    const torch::NoGradGuard no_grad;
    const auto nearest = Unit(queries).matmul(Unit(texts).t()).argmax(1);
    contrast.hits = keys.eq(keys.index_select(0, nearest)).all(1).to(torch::kFloat32).mean();
  }
  contrast.pair = recipe_.prolearn().plain_products() ? PairLoss(queries, texts, keys)
                                                      : EvenPairLoss(queries, texts, keys);
  if (matching && match_) {
    const auto others = torch::randperm(queries.size(0), torch::kInt64).to(queries.device());
    contrast.matching = MatchingLoss(match_, queries, texts, others);
  }
  return contrast;
}

// What makes queries tell labels and places apart.
void ProlearnLearner::AddQueryLosses(const Pairs& pairs, const TrainBatch& batch,
                                     StepLoss& answer) {
  const auto add = [&](double weight, const torch::Tensor& loss, Term term) {
    answer.total = answer.total.defined() ? answer.total + weight * loss : weight * loss;
    answer.terms[MaskTerms().size() + term] = loss.detach();
  };
  if (labels_ && labeller_.has_value() && pairs.told.size(0) > 0) {
    const auto bits = LabelBits(pairs.labels, net_->options().labels).to(pairs.queries.device());
    add(recipe_.prolearn().label_weight(),
        Entropy(labels_(pairs.queries.index_select(0, pairs.told)),
                bits.index_select(0, pairs.told)),
        kLabel);
  }
  if (coarse_) {
    const int64_t rows = batch.masks.size(2) / 16, columns = batch.masks.size(3) / 16;
    const auto coarse = coarse_(pairs.tokens).view({-1, 1, rows, columns});
    add(recipe_.prolearn().coarse_weight(),
        Entropy(coarse, torch::adaptive_avg_pool2d(batch.masks, {rows, columns})), kCoarse);
  }
}

}  // namespace lingula
