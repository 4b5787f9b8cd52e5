// The published networks, filled by formula, with the ways of running them that are compared.
#pragma once

#include <memory>
#include <string>

#include <torch/torch.h>

#include "model/backend/torch_engine.h"

namespace lingula::bench {

enum class Published { kSgseg, kLanguide, kProlearn };
std::string NameOf(Published network);

class NetPlans {
 public:
  virtual ~NetPlans() = default;
  // Images as ImagesFor makes them to mask probabilities [B, 1, S, S]. What is served: the detector
  // and the query run once, reports come from the table.
  virtual torch::Tensor Served(const torch::Tensor& images) = 0;
  // The order of work of the reference, on the same modules. SGSeg: detector twice, text tower over
  // the batch's reports with its language-model head, whose answer nobody reads, and the text's
  // projections. LanGuideMedSeg: the same without detector. ProLearn: the query three times, with
  // all rows of the last block; attentions whose products Fold has merged stay merged.
  virtual torch::Tensor Reference(const torch::Tensor& images) = 0;
};

// Folded, or as it was trained, as `form` says. Throws c10::Error.
std::unique_ptr<NetPlans> MakePlans(Published network, const NetForm& form);
// The same noise for every network; `count` pictures.
torch::Tensor ImagesFor(const NetForm& form, int count);

}  // namespace lingula::bench
