#include "model/backend/prolearn_engine.h"

#include <limits>

#include "model/backend/network_options.h"
#include "model/backend/weights.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

// What `retrieval` holds for sample i; prototypes are numbered inside pools of `pool`. The margin
// is over what is left after these and after `passed` of better rank.
template <typename Receipt>
void Note(const Retrieval& retrieval, int64_t i, int64_t pool,
          const std::vector<RetrievedPrototype>& passed, Receipt& prediction) {
  constexpr float kOut = -std::numeric_limits<float>::infinity();
  const auto rows = retrieval.rows[i], values = retrieval.values[i];
  auto left = retrieval.scores[i].clone();
  for (const RetrievedPrototype& better : passed) {
    left[better.label * pool + better.index] = kOut;
  }
  for (int64_t k = 0; k < rows.size(0); ++k) {
    const auto row = rows[k].item<int64_t>();
    RetrievedPrototype found;
    found.label = static_cast<int>(row / pool);
    found.index = static_cast<int>(row % pool);
    found.similarity = values[k].item<float>();
    prediction.prototypes.push_back(found);
    left[row] = kOut;
  }
  if (left.size(0) > rows.size(0) + static_cast<int64_t>(passed.size())) {
    prediction.prototype_margin =
        prediction.prototypes.back().similarity - left.max().item<float>();
  }
}

}  // namespace

absl::StatusOr<Prolearn> LoadProlearn(const Bundle& bundle) {
  Prolearn net(ProlearnOptionsFrom(bundle.manifest));
  TensorMap tensors = bundle.weights.tensors();
  LINGULA_ASSIGN_OR_RETURN(tensors["prototype.matrix"], bundle.prototypes->Get("matrix"));
  LINGULA_RETURN_IF_ERROR(LoadState(*net, tensors));
  net->eval();
  return net;
}

torch::Tensor ProlearnEngine::DecodeAgain(const Features& features, const Retrieval& first,
                                          const std::vector<int64_t>& places,
                                          absl::Span<Prediction> predictions) {
  const Retrieval next = net_->RetrieveNext(first, torch::tensor(places));
  for (size_t i = 0; i < places.size(); ++i) {
    Prediction& prediction = predictions[places[i]];
    Note(next, static_cast<int64_t>(i), net_->options().prototypes, prediction.prototypes,
         prediction.second.emplace());
  }
  return net_->Decode(SelectSamples(features, places), next.response, torch::Tensor());
}

TorchEngine::MaskLogits ProlearnEngine::Run(const torch::Tensor& image,
                                            absl::Span<const Sample* const> samples,
                                            absl::Span<Prediction> predictions) {
  const auto features = net_->Encode(image);
  NoteFeatures(features, predictions);
  const Retrieval retrieval = net_->Retrieve(net_->Embed(image, features));
  for (size_t i = 0; i < samples.size(); ++i) {
    if (samples[i]->guidance != GuidanceMode::kWithheld) {
      Note(retrieval, static_cast<int64_t>(i), net_->options().prototypes, {}, predictions[i]);
    }
  }
  MaskLogits logits;
  logits.masks = net_->Decode(features, retrieval.response, GuidanceShares(samples, type()));
  if (const std::vector<int64_t> twice = AskingTwice(samples); !twice.empty()) {
    logits.second = DecodeAgain(features, retrieval, twice, predictions);
  }
  return logits;
}

}  // namespace lingula
