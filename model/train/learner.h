// What the training loop trains: a network and what is learned beside it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <torch/torch.h>

#include "absl/status/statusor.h"
#include "lingula/train/v1/recipe.pb.h"
#include "model/nets/vision_encoder.h"
#include "model/train/augment.h"
#include "model/train/image_cache.h"

namespace lingula {

// Steps of a run, counted from 0. A learner may ask for steps before the recipe's epochs begin.
struct RunSteps {
  int64_t lead = 0;       // steps before the epochs
  int64_t per_epoch = 1;  // of the lead as well
  int64_t epochs = 1;

  int64_t all() const { return lead + epochs * per_epoch; }
};

// One step's answer.
struct StepLoss {
  torch::Tensor total;  // scalar, to be differentiated
  // Parts of it for the log, unweighted scalars in the order of Learner::Terms(); undefined where
  // this step has no such part. Empty: none has.
  std::vector<torch::Tensor> terms;
  torch::Tensor logits;  // of the masks [B, 1, S, S]; undefined in steps that make no masks
};

// What the network says of images without variation.
struct LearnerAnswer {
  torch::Tensor guided;    // mask logits [B, 1, S, S], guided as in service
  torch::Tensor withheld;  // the same without guidance; undefined: there is no such thing
  torch::Tensor zones;     // zone probabilities [B, 6]; undefined: the network names no zones
};

// Children's names are the names in checkpoints. Loss and Predict run under the loop's autocast
// and on the device of the parameters: logits may be of low precision, losses have to be float32.
// All chance must come from Torch's default generator, which the loop seeds for each call, so that
// a resumed run is bit-equal; and from no state but parameters, buffers and the step.
// Threads  None: the loop calls from one thread.
class Learner : public torch::nn::Module {
 public:
  enum class Group { kEncoder, kRest };  // whose highest learning rate a parameter has

  // Called once before the first step, after a start file was taken over. `resumed`: parameters and
  // buffers come from a checkpoint afterwards.
  virtual absl::Status BeginTraining(const ImageCache& train, bool resumed) = 0;
  // Steps before the epochs, for `per_epoch` steps an epoch; their rate is LeadRate falling to 0 by
  // a cosine, and nothing is validated after them.
  virtual int64_t LeadSteps(int64_t /*per_epoch*/) const { return 0; }
  virtual double LeadRate() const { return 0; }
  // Whether every image must come with its zones.
  virtual bool NeedsZones() const { return false; }
  // Columns of the log.
  virtual std::vector<std::string> Terms() const = 0;
  // Images channels-last.
  virtual StepLoss Loss(const TrainBatch& batch, int64_t step, const RunSteps& run) = 0;
  // Called after the last step of an epoch (of the lead as well), before validation. `average` is
  // of the same class, holds the averaged weights and is what is validated and exported; without
  // averaging it is *this. May change parameters and buffers of both.
  virtual absl::Status EndEpoch(const ImageCache& /*train*/, Learner& /*average*/, int64_t /*step*/,
                                const RunSteps& /*run*/) {
    return absl::OkStatus();
  }
  // Called before the first Predict of a pass, in evaluation mode.
  virtual void BeginPredicting() {}
  virtual LearnerAnswer Predict(const TrainBatch& batch) = 0;

  // What sees the image first; its start may come from ImageNet.
  virtual VisionEncoder& encoder() = 0;
  // Group of a parameter of this name. Parameters that require no gradient are not trained.
  virtual Group GroupOf(const std::string& name) const = 0;
  // Whether the average copies a state entry of this name instead of averaging it.
  virtual bool IsCopied(const std::string& /*name*/) const { return false; }

  // Writes weights and whatever else the family's bundles hold, except golden run, card and
  // manifest, into the folder; may change what the manifest says. Called in evaluation mode, with
  // the weights to be served, on the CPU.
  virtual absl::Status Export(const std::string& folder, bundle::v1::Manifest& manifest) = 0;
};

// Makes a learner with random weights from a recipe that ParseRecipe has accepted.
// Errors   INVALID_ARGUMENT or NOT_FOUND for a file that the recipe names.
using MakeLearner =
    std::function<absl::StatusOr<std::shared_ptr<Learner>>(const train::v1::Recipe&)>;

}  // namespace lingula
