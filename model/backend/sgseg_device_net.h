// SGSeg and LanGuideMedSeg as functions of rows.
#pragma once

#include <optional>

#include "model/backend/device_net.h"
#include "model/backend/text_tower.h"
#include "model/nets/sgseg/sgseg.h"

namespace lingula {

// The report is chosen from the zones by arithmetic on the device: its number is a product of the
// reported zones with powers of two.
class SgsegDeviceNet final : public DeviceNet {
 public:
  // `net` folded, `table` [64, report_tokens, report_dim] and `tower` on the device. Callers' texts
  // get `slots` rows behind the table's.
  SgsegDeviceNet(Sgseg net, const torch::Tensor& table, std::optional<TextTower> tower, int slots,
                 const InputSpec& spec, const FoldTypes& types);

  std::vector<GuidanceMode> ways() const override;
  bool reads_free_text() const override { return tower_.has_value(); }
  bool ReadText(int slot, const std::string& text) override;

 private:
  Answer Run(const Question& question) override;

  Sgseg net_;
  std::optional<TextTower> tower_;
  torch::Tensor powers_;  // [zones]
  ReportKeysValues texts_;
};

}  // namespace lingula
