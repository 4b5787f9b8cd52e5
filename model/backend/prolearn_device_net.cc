#include "model/backend/prolearn_device_net.h"

#include <algorithm>
#include <utility>

#include "model/backend/torch_engine.h"

namespace lingula {

ProlearnDeviceNet::ProlearnDeviceNet(Prolearn net, const InputSpec& spec, const FoldTypes& types,
                                     const torch::Device& device)
    : DeviceNet(spec, types, device), net_(std::move(net)) {
  const ProlearnOptions& o = net_->options();
  layout_.pool = static_cast<int>(o.prototypes);
  layout_.prototypes = static_cast<int>(o.top_k);
  layout_.prototypes_listed = static_cast<int>(std::min(o.top_k + 1, o.labels * o.prototypes));
}

DeviceNet::Answer ProlearnDeviceNet::Run(const Question& question) {
  Answer answer;
  const Features features = net_->Encode(question.image);
  answer.features = PooledFeatures(features);
  const Retrieval retrieval = net_->Retrieve(net_->Embed(question.image, features));
  const auto [values, rows] =
      torch::sort(retrieval.scores, /*stable=*/true, /*dim=*/-1, /*descending=*/true);
  answer.prototypes = rows.narrow(1, 0, layout_.prototypes_listed);
  answer.similarities = values.narrow(1, 0, layout_.prototypes_listed);
  answer.logits = net_->Decode(features, retrieval.response, question.shares);
  return answer;
}

}  // namespace lingula
