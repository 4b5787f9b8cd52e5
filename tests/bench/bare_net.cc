#include "tests/bench/bare_net.h"

#include <vector>

#include "model/backend/prolearn_engine.h"
#include "model/backend/sgseg_engine.h"
#include "model/base/status_macros.h"
#include "model/base/zones.h"

namespace lingula::bench {
namespace {

absl::StatusOr<BareNet> LoadBareSgseg(const Bundle& bundle, const torch::Device& device) {
  LINGULA_ASSIGN_OR_RETURN(LoadedSgseg loaded, LoadSgseg(bundle));
  loaded.net->to(device);
  const ReportKeysValues texts = loaded.net->ProjectText(loaded.table.to(device));
  std::vector<float> rows(kZones);
  for (int z = 0; z < kZones; ++z) {
    rows[z] = static_cast<float>(ReportRow(ZoneBits().set(z)));
  }
  const auto powers = torch::tensor(rows).to(device);
  return [net = loaded.net, texts, powers](const torch::Tensor& images) mutable {
    const Features features = net->Encode(images);
    const auto reported = torch::sigmoid(net->Locate(images, features).zones).ge(kZoneThreshold);
    const auto chosen = (reported.to(torch::kFloat32) * powers).sum(1).to(torch::kInt64);
    return net->Decode(features, SelectRows(texts, chosen), torch::Tensor());
  };
}

absl::StatusOr<BareNet> LoadBareProlearn(const Bundle& bundle, const torch::Device& device) {
  LINGULA_ASSIGN_OR_RETURN(Prolearn net, LoadProlearn(bundle));
  net->to(device);
  return [net](const torch::Tensor& images) mutable {
    const Features features = net->Encode(images);
    const Retrieval retrieval = net->Retrieve(net->Embed(images, features));
    return net->Decode(features, retrieval.response, torch::Tensor());
  };
}

}  // namespace

absl::StatusOr<BareNet> LoadBareNet(const Bundle& bundle, const torch::Device& device) {
  const torch::InferenceMode inference;
  return bundle.manifest.has_prolearn() ? LoadBareProlearn(bundle, device)
                                        : LoadBareSgseg(bundle, device);
}

}  // namespace lingula::bench
