#include "model/backend/device_net.h"

namespace lingula {

DeviceNet::DeviceNet(const InputSpec& spec, const FoldTypes& types, const torch::Device& device)
    : types_(types), device_(device) {
  layout_.side_px = spec.side_px;
  layout_.channels = spec.channels;
}

bool DeviceNet::ReadText(int /*slot*/, const std::string& /*text*/) {
  TORCH_CHECK(false, "this network has no text tower for free text");
}

DeviceNet::Question DeviceNet::Read(const torch::Tensor& rows) const {
  const auto column = [&rows](size_t at) { return rows.select(1, static_cast<int64_t>(at)); };
  const auto pixels = rows.narrow(1, 0, static_cast<int64_t>(layout_.pixels()));
  const auto image =
      pixels.unflatten(1, {layout_.channels, layout_.side_px, layout_.side_px}).to(types_.encoder);
  return {image.contiguous(torch::MemoryFormat::ChannelsLast),
          column(layout_.report_at()).to(torch::kInt64),
          column(layout_.guided_at()).reshape({-1, 1, 1}).to(types_.decoder)};
}

torch::Tensor DeviceNet::operator()(const torch::Tensor& rows) {
  const Answer answer = Run(Read(rows));
  std::vector<torch::Tensor> parts{torch::sigmoid(answer.logits.to(torch::kFloat32)).flatten(1)};
  for (const torch::Tensor* part :
       {&answer.zones, &answer.features, &answer.prototypes, &answer.similarities}) {
    if (part->defined()) {
      parts.push_back(part->to(torch::kFloat32));
    }
  }
  return torch::cat(parts, 1);
}

void DeviceNet::LearnFeatures() {
  const auto row = torch::zeros({1, static_cast<int64_t>(layout_.row_in())},
                                torch::TensorOptions(torch::kFloat32).device(device_));
  const auto features = Run(Read(row)).features;
  layout_.features = static_cast<int>(features.size(1));
  // Waits until all that was made on this thread's stream is there: others use it from their own.
  static_cast<void>(features.sum().item<float>());
}

}  // namespace lingula
