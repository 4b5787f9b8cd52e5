#include "model/backend/sgseg_device_net.h"

#include <utility>

#include "model/backend/torch_engine.h"
#include "model/base/zones.h"

namespace lingula {

SgsegDeviceNet::SgsegDeviceNet(Sgseg net, const torch::Tensor& table,
                               std::optional<TextTower> tower, int slots, const InputSpec& spec,
                               const FoldTypes& types)
    : DeviceNet(spec, types, table.device()), net_(std::move(net)), tower_(std::move(tower)) {
  layout_.has_zones = !std::holds_alternative<std::monostate>(net_->options().locator);
  std::vector<float> powers(kZones);
  for (int z = 0; z < kZones; ++z) {
    powers[z] = static_cast<float>(ReportRow(ZoneBits().set(z)));
  }
  powers_ = torch::tensor(powers).to(device());
  // As many copies of a row as there are slots: any values do until a text is read.
  const auto empty = table.narrow(0, 0, 1).expand({tower_.has_value() ? slots : 0, -1, -1});
  texts_ = net_->ProjectText(torch::cat({table, empty}).to(types.decoder));
}

std::vector<GuidanceMode> SgsegDeviceNet::ways() const {
  std::vector<GuidanceMode> ways{GuidanceMode::kReport, GuidanceMode::kWithheld};
  if (layout_.has_zones) {
    ways.push_back(GuidanceMode::kGeneratedReport);
  }
  return ways;
}

bool SgsegDeviceNet::ReadText(int slot, const std::string& text) {
  TORCH_CHECK(tower_.has_value(), "this network has no text tower for free text");
  const TextTower::Read read = (*tower_)({text});
  const auto row = torch::tensor({int64_t{kGrammarReports} + slot}).to(device());
  ReplaceRows(texts_, row, net_->ProjectText(read.hidden));
  return read.truncated.front();
}

DeviceNet::Answer SgsegDeviceNet::Run(const Question& question) {
  Answer answer;
  const Features features = net_->Encode(question.image);
  answer.features = PooledFeatures(features);
  auto reports = question.reports;
  if (layout_.has_zones) {
    answer.zones = torch::sigmoid(net_->Locate(question.image, features).zones.to(torch::kFloat32));
    const auto reported = answer.zones.ge(kZoneThreshold).to(torch::kFloat32);
    const auto own = (reported * powers_).sum(1).to(torch::kInt64);
    reports = torch::where(reports.eq(kOwnReport), own, reports);
  }
  answer.logits = net_->Decode(features, SelectRows(texts_, reports), question.shares);
  return answer;
}

}  // namespace lingula
