#include "model/train/epoch_sums.h"

#include <algorithm>

#include "model/train/validation.h"

namespace lingula {
namespace {

constexpr int64_t kCounts = 4;

}  // namespace

EpochSums::EpochSums(size_t terms, torch::Device device)
    : sums_(torch::zeros({static_cast<int64_t>(2 + 2 * terms) + kCounts},
                         torch::dtype(torch::kFloat64).device(device))) {}

void EpochSums::Add(const StepLoss& step, const torch::Tensor& masks) {
  torch::NoGradGuard no_grad;
  const auto add = [this](int64_t at, const torch::Tensor& value) {
    if (value.defined()) {
      sums_[at] += value;
      sums_[at + 1] += 1;
    }
  };
  add(0, step.total.detach());
  for (size_t i = 0; i < step.terms.size(); ++i) {
    add(static_cast<int64_t>(2 + 2 * i), step.terms[i]);
  }
  if (step.logits.defined()) {
    sums_.narrow(0, sums_.size(0) - kCounts, kCounts) += CountPixels(step.logits.detach(), masks);
  }
}

std::map<std::string, double> EpochSums::Means(const std::vector<std::string>& terms) const {
  const auto sums = Save();
  std::map<std::string, double> means{{"loss", sums[0] / std::max(sums[1], 1.0)}};
  for (size_t i = 0; i < terms.size(); ++i) {
    if (const double steps = sums[3 + 2 * i]; steps > 0) {
      means[terms[i]] = sums[2 + 2 * i] / steps;
    }
  }
  return means;
}

OverlapCounts EpochSums::Overlap() const {
  return OverlapFrom(sums_.narrow(0, sums_.size(0) - kCounts, kCounts));
}

std::vector<double> EpochSums::Save() const {
  const auto here = sums_.to(torch::kCPU).contiguous();
  return {here.data_ptr<double>(), here.data_ptr<double>() + here.numel()};
}

void EpochSums::Restore(const std::vector<double>& sums) {
  if (static_cast<int64_t>(sums.size()) == sums_.size(0)) {  // else: none were saved
    sums_.copy_(torch::tensor(sums, torch::kFloat64));
  }
}

}  // namespace lingula
