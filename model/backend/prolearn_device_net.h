// ProLearn as a function of rows.
#pragma once

#include "model/backend/device_net.h"
#include "model/nets/prolearn/prolearn.h"

namespace lingula {

class ProlearnDeviceNet final : public DeviceNet {
 public:
  // `net` holds its prototypes, and is folded on `device`.
  ProlearnDeviceNet(Prolearn net, const InputSpec& spec, const FoldTypes& types,
                    const torch::Device& device);

  std::vector<GuidanceMode> ways() const override {
    return {GuidanceMode::kPrototypes, GuidanceMode::kWithheld};
  }

 private:
  Answer Run(const Question& question) override;

  Prolearn net_;
};

}  // namespace lingula
