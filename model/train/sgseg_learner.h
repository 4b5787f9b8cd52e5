// Trains SGSeg and LanGuideMedSeg networks (Ye et al., MICCAI 2024; Zhong et al., MICCAI 2023).
#pragma once

#include "model/nets/sgseg/sgseg.h"
#include "model/train/learner.h"
#include "model/train/report_tower.h"

namespace lingula {

// Children net.*, text.* (the tower) and, where feature and text widths differ, match.* for the
// contrastive steps. At export the tower becomes the table of 64 reports.
class SgsegLearner : public Learner {
 public:
  // For families sgseg and languide.
  static absl::StatusOr<std::shared_ptr<Learner>> Make(const train::v1::Recipe& recipe);
  SgsegLearner(const train::v1::Recipe& recipe, ReportTower tower);

  absl::Status BeginTraining(const ImageCache& train, bool resumed) override;
  bool NeedsZones() const override { return true; }
  std::vector<std::string> Terms() const override;
  StepLoss Loss(const TrainBatch& batch, int64_t step, const RunSteps& run) override;
  void BeginPredicting() override;
  LearnerAnswer Predict(const TrainBatch& batch) override;
  VisionEncoder& encoder() override { return net_->encoder(); }
  Group GroupOf(const std::string& name) const override;
  absl::Status Export(const std::string& folder, bundle::v1::Manifest& manifest) override;

  Sgseg& net() { return net_; }
  ReportTower& tower() { return tower_; }
  // Share of samples that the truth guides at a step: from first to last epoch along a line.
  double TruthShare(int64_t step, const RunSteps& run) const;

 private:
  bool finds_zones() const { return recipe_.has_sgseg(); }
  double withheld_share() const;
  int64_t contrastive_steps() const;
  torch::Tensor ContrastiveLoss(const TrainBatch& batch, const Features& features);

  const train::v1::Recipe recipe_;
  Sgseg net_;
  ReportTower tower_;
  torch::nn::Linear match_{nullptr};
  ReportKeysValues table_;  // of all reports, while predicting
};

}  // namespace lingula
