// Trains ProLearn networks (Ye et al., ICCV 2025; docs/models.md, "ProLearn" and "Training").
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/nets/prolearn/prolearn.h"
#include "model/prototypes/caption_tower.h"
#include "model/train/learner.h"
#include "model/train/pair_captions.h"
#include "model/train/pair_labels.h"
#include "model/train/pair_memory.h"

namespace lingula {

// Children net.*, text.* (the captions' tower), memory.*, and what the bundle does not keep:
// match.* (matching head), labels.* and coarse.* (layers of the losses of those names).
class ProlearnLearner : public Learner {
 public:
  static absl::StatusOr<std::shared_ptr<Learner>> Make(const train::v1::Recipe& recipe);
  explicit ProlearnLearner(const train::v1::Recipe& recipe);

  absl::Status BeginTraining(const ImageCache& train, bool resumed) override;
  bool NeedsZones() const override;
  int64_t LeadSteps(int64_t per_epoch) const override;
  double LeadRate() const override { return recipe_.prolearn().contrastive_rate(); }
  std::vector<std::string> Terms() const override;
  StepLoss Loss(const TrainBatch& batch, int64_t step, const RunSteps& run) override;
  absl::Status EndEpoch(const ImageCache& train, Learner& average, int64_t step,
                        const RunSteps& run) override;
  LearnerAnswer Predict(const TrainBatch& batch) override;
  VisionEncoder& encoder() override { return net_->encoder(); }
  Group GroupOf(const std::string& name) const override;
  bool IsCopied(const std::string& name) const override;
  // Writes the captions' tower beside the bundle's repository, two folders up.
  absl::Status Export(const std::string& folder, bundle::v1::Manifest& manifest) override;

  Prolearn& net() { return net_; }

 private:
  // What a batch's images ask for and its captions say.
  struct Pairs {
    Features features;      // empty in the lead of a tower of its own
    torch::Tensor queries;  // [B, query_dim], float32
    torch::Tensor tokens;   // of the query [B, side * side, dim]; undefined for towers
    std::vector<std::string> captions;
    torch::Tensor texts;           // [B, response_dim], float32; of empty captions as of any
    std::vector<LabelSet> labels;  // none in the lead of labels that are clusters
    torch::Tensor told;            // int64: the samples with a caption
  };
  // Columns of the log after MaskTerms().
  enum Term { kPair, kMatching, kLabel, kCoarse, kCaptionHits, kFirstHits, kTerms };
  // Contrastive losses; undefined where fewer than two samples have a caption.
  struct Contrast {
    torch::Tensor pair, matching;
    torch::Tensor hits;  // share of images whose nearest caption in the batch is theirs
  };

  void Freeze();
  bool refits() const;
  bool labels_are_zones() const;
  Pairs Ask(const TrainBatch& batch, bool leading);
  void Query(const TrainBatch& batch, bool leading, Pairs& pairs);
  torch::Tensor TextsOf(const std::vector<std::string>& captions, bool leading);
  TrainBatch Told(const TrainBatch& batch) const;
  Contrast Compare(const Pairs& pairs, bool matching);
  void AddQueryLosses(const Pairs& pairs, const TrainBatch& batch, StepLoss& answer);
  StepLoss LeadLoss(const TrainBatch& batch);
  torch::Tensor Guidance(const Pairs& pairs, const Retrieval& own, torch::Tensor& use_guidance);
  torch::Tensor TrueResponse(const Pairs& pairs);
  Retrieval Retrieve(const torch::Tensor& queries);
  torch::Tensor TextHalves();

  absl::Status FindLabels();
  PairSet Embed(const ImageCache& train, Prolearn& net);
  absl::Status Fit(const PairSet& pairs, int64_t seed, Prolearn& net);
  torch::Tensor CachedQueries(const torch::Tensor& rows);

  const train::v1::Recipe recipe_;
  Prolearn net_;
  CaptionTower text_;
  PairMemory memory_;
  torch::nn::Sequential match_{nullptr};
  torch::nn::Linear labels_{nullptr}, coarse_{nullptr};
  torch::Tensor shift_;  // parameter [labels, prototypes, response_dim]: what text halves learn
  torch::Tensor pool_count_;  // buffer: labels there are

  const ImageCache* train_ = nullptr;
  std::optional<PairCaptions> captions_;
  std::optional<CaptionWords> words_;
  std::optional<PairLabeller> labeller_;  // of clusters: follows from the tower, after the lead
  torch::Tensor cached_;                  // [N, query_dim]: follows from the tower of the query
};

}  // namespace lingula
