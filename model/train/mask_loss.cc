#include "model/train/mask_loss.h"

#include "model/train/losses.h"

namespace lingula {

using train::v1::Losses;

std::vector<std::string> MaskTerms() {
  return {"mask_dice", "mask_pooled_dice", "mask_entropy"};
}

torch::Tensor Entropy(const torch::Tensor& logits, const torch::Tensor& truth) {
  return torch::binary_cross_entropy_with_logits(logits.to(torch::kFloat32), truth);
}

MaskLossAnswer MaskLoss(const Losses& losses, const torch::Tensor& logits,
                        const torch::Tensor& masks) {
  const auto x = logits.to(torch::kFloat32);
  const auto p = torch::sigmoid(x);
  if (losses.reference_dice_ce() != train::v1::REFERENCE_LOSS_UNSPECIFIED) {
    const bool first = losses.reference_dice_ce() == train::v1::REFERENCE_LOSS_MONAI_1_0_1;
    const auto loss = DiceCeLoss(p, masks, first ? MonaiRelease::k101 : MonaiRelease::k150);
    const auto dice = first ? loss : DiceLoss(p, masks);
    const auto entropy = first ? torch::Tensor() : (loss - dice).detach();
    return {loss, {dice.detach(), torch::Tensor(), entropy}};
  }
  MaskLossAnswer answer;
  const auto add = [&answer](double weight, const auto& loss) {
    if (weight <= 0) {
      answer.terms.emplace_back();
      return;
    }
    const torch::Tensor value = loss();
    const auto part = weight * value;
    answer.total = answer.total.defined() ? answer.total + part : part;
    answer.terms.push_back(value.detach());
  };
  add(losses.dice(), [&] { return DiceLoss(p, masks); });
  add(losses.pooled_dice(), [&] { return PooledDiceLoss(p, masks); });
  add(losses.cross_entropy(), [&] { return torch::binary_cross_entropy_with_logits(x, masks); });
  return answer;
}

}  // namespace lingula
