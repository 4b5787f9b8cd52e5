#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/backend/device_net.h"
#include "model/backend/prolearn_device_net.h"
#include "model/backend/prolearn_engine.h"
#include "model/backend/sgseg_device_net.h"
#include "model/backend/sgseg_engine.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

using Nets = std::vector<std::unique_ptr<DeviceNet>>;

absl::StatusOr<Nets> MakeSgseg(const Bundle& bundle, const FoldTypes& types,
                               const torch::Device& device, int instances, int max_rows) {
  LINGULA_ASSIGN_OR_RETURN(LoadedSgseg loaded, LoadSgseg(bundle));
  std::optional<TextTower> tower;
  if (bundle.text_encoder.has_value()) {
    LINGULA_ASSIGN_OR_RETURN(tower, TextTower::Load(bundle, types.decoder, device));
  }
  const InputSpec spec = InputSpecFrom(bundle.manifest.input());
  loaded.net->to(device);
  loaded.net->Fold(types, spec.channels == 1);
  Nets nets;
  for (int i = 0; i < instances; ++i) {
    nets.push_back(std::make_unique<SgsegDeviceNet>(loaded.net, loaded.table.to(device), tower,
                                                    max_rows, spec, types));
  }
  return nets;
}

absl::StatusOr<Nets> MakeProlearn(const Bundle& bundle, const FoldTypes& types,
                                  const torch::Device& device, int instances) {
  LINGULA_ASSIGN_OR_RETURN(Prolearn net, LoadProlearn(bundle));
  const InputSpec spec = InputSpecFrom(bundle.manifest.input());
  net->to(device);
  net->Fold(types, spec.channels == 1);
  Nets nets;
  for (int i = 0; i < instances; ++i) {
    nets.push_back(std::make_unique<ProlearnDeviceNet>(net, spec, types, device));
  }
  return nets;
}

}  // namespace

absl::StatusOr<Nets> MakeDeviceNets(const Bundle& bundle, const FoldTypes& types,
                                    const torch::Device& device, int instances, int max_rows) {
  try {
    torch::InferenceMode inference;
    LINGULA_ASSIGN_OR_RETURN(Nets nets,
                             bundle.manifest.has_prolearn()
                                 ? MakeProlearn(bundle, types, device, instances)
                                 : MakeSgseg(bundle, types, device, instances, max_rows));
    for (auto& net : nets) {
      net->LearnFeatures();
    }
    return nets;
  } catch (const c10::OutOfMemoryError& error) {
    return absl::ResourceExhaustedError(absl::StrCat("the network does not fit into the memory of ",
                                                     device.str(), ": ",
                                                     error.what_without_backtrace()));
  } catch (const std::exception& error) {  // c10::Error: sizes that Torch refuses
    return absl::InvalidArgumentError(absl::StrCat(
        "the network cannot be built from its manifest on ", device.str(), ": ", error.what()));
  }
}

}  // namespace lingula
