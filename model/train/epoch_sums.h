// What the steps of an epoch added up to, so that its log row is the same after an interruption.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/eval/overlap.h"
#include "model/train/learner.h"

namespace lingula {

// Sums stay on the device until they are read, since reading waits for it.
class EpochSums {
 public:
  EpochSums(size_t terms, torch::Device device);

  void Add(const StepLoss& step, const torch::Tensor& masks);
  void Clear() { sums_.zero_(); }

  // Means over the steps of "loss" and, by the names given, its terms; a term that no step had is
  // left out.
  std::map<std::string, double> Means(const std::vector<std::string>& terms) const;
  // Of the training masks, as the steps predicted them.
  OverlapCounts Overlap() const;

  // For checkpoints.
  std::vector<double> Save() const;
  void Restore(const std::vector<double>& sums);

 private:
  torch::Tensor sums_;  // float64: loss, steps, (sum, steps) of each term, four counts of pixels
};

}  // namespace lingula
