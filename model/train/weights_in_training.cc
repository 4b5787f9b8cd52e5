#include "model/train/weights_in_training.h"

#include <algorithm>

#include "model/backend/weights.h"

namespace lingula {

void MoveTo(torch::Device device, Learner& learner) {
  learner.to(device);
  for (auto& parameter : learner.parameters()) {
    if (parameter.dim() == 4) {
      parameter.set_data(parameter.contiguous(torch::MemoryFormat::ChannelsLast));
    }
  }
}

std::unique_ptr<torch::optim::AdamW> MakeOptimizer(const train::v1::Schedule& schedule,
                                                   const Learner& learner) {
  std::vector<torch::Tensor> encoder, rest, plain;
  for (const auto& item : learner.named_parameters()) {
    if (!item.value().requires_grad()) {
      continue;
    }
    const bool first = learner.GroupOf(item.key()) == Learner::Group::kEncoder;
    auto& group = item.value().dim() < 2 && !schedule.decay_all() ? plain : first ? encoder : rest;
    group.push_back(item.value());
  }
  const auto group = [&](std::vector<torch::Tensor> parameters, double decay) {
    return torch::optim::OptimizerParamGroup(
        std::move(parameters),
        std::make_unique<torch::optim::AdamWOptions>(
            torch::optim::AdamWOptions(schedule.rate()).weight_decay(decay)));
  };
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.push_back(group(std::move(encoder), schedule.weight_decay()));
  groups.push_back(group(std::move(rest), schedule.weight_decay()));
  groups.push_back(group(std::move(plain), 0));
  return std::make_unique<torch::optim::AdamW>(std::move(groups));
}

void SetRates(const Rates& rates, torch::optim::AdamW& optimizer) {
  auto& groups = optimizer.param_groups();
  groups[0].options().set_lr(rates.encoder);
  groups[1].options().set_lr(rates.rest);
  groups[2].options().set_lr(rates.rest);
}

void CopyState(const Learner& from, Learner& to) {
  torch::NoGradGuard no_grad;
  auto target = StateOf(to);
  for (const auto& [name, tensor] : StateOf(from)) {
    target[name].copy_(tensor);
  }
}

void UpdateAverage(const Learner& learner, double keep, int64_t step, Learner& average) {
  torch::NoGradGuard no_grad;
  const auto steps = static_cast<double>(step);
  const double stays = std::min(keep, (1 + steps) / (10 + steps));
  auto target = StateOf(average);
  for (const auto& [name, tensor] : StateOf(learner)) {
    if (tensor.is_floating_point() && !learner.IsCopied(name)) {
      target[name].lerp_(tensor, 1 - stays);
    } else {
      target[name].copy_(tensor);
    }
  }
}

}  // namespace lingula
