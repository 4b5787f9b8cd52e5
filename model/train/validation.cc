#include "model/train/validation.h"

#include <algorithm>

#include "model/train/autocast.h"
#include "model/train/batches.h"

namespace lingula {

torch::Tensor CountPixels(const torch::Tensor& logits, const torch::Tensor& masks) {
  const auto found = logits >= 0, there = masks >= 0.5;
  const auto hits = found.logical_and(there).sum(), all = found.sum(), truth = there.sum();
  return torch::stack({hits, all - hits, truth - hits, masks.numel() - all - truth + hits});
}

OverlapCounts OverlapFrom(const torch::Tensor& counts) {
  const auto here = counts.to(torch::kCPU, torch::kInt64);
  const int64_t* at = here.data_ptr<int64_t>();
  return {at[0], at[1], at[2], at[3]};
}

Validation Validate(Learner& learner, const ImageCache& images, int64_t batch,
                    const ComputeOptions& options) {
  torch::InferenceMode inference;
  const bool was_training = learner.is_training();
  learner.eval();
  learner.BeginPredicting();
  Validation result;
  int64_t right = 0, asked = 0, batches = 0;
  for (int64_t from = 0; from < images.size(); from += batch, ++batches) {
    const int64_t n = std::min(batch, images.size() - from);
    const TrainBatch rows = PlainRows(images, from, n, options.device);
    const Autocast autocast(options.bf16, options.device);
    const LearnerAnswer said = learner.Predict(rows);
    const OverlapCounts guided = OverlapFrom(CountPixels(said.guided, rows.masks));
    result.guided += guided;
    result.batch_dice += guided.Dice();
    if (said.withheld.defined()) {
      result.withheld = result.withheld.value_or(OverlapCounts());
      *result.withheld += OverlapFrom(CountPixels(said.withheld, rows.masks));
    }
    if (said.zones.defined()) {
      right += ((said.zones >= 0.5) == (rows.zones >= 0.5)).sum().item<int64_t>();
      asked += said.zones.numel();
    }
  }
  result.batch_dice /= static_cast<double>(std::max<int64_t>(batches, 1));
  if (asked > 0) {
    result.zone_accuracy = static_cast<double>(right) / static_cast<double>(asked);
  }
  learner.train(was_training);
  return result;
}

}  // namespace lingula
