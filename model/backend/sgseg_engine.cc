#include "model/backend/sgseg_engine.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "model/text/report_grammar.h"

namespace lingula {
namespace {

// The zones whose report guides a sample.
ZoneBits GuidingZones(const Sample& sample, const ZoneProbabilities& zones) {
  return sample.guidance == GuidanceMode::kReport ? sample.report : Reported(zones);
}

}  // namespace

SgsegEngine::SgsegEngine(Sgseg net, const torch::Tensor& table, const InputSpec& spec, bool bf16)
    : spec_(spec), type_(bf16 ? torch::kBFloat16 : torch::kFloat32), net_(std::move(net)) {
  torch::InferenceMode inference;
  net_->Fold(type_, spec_.channels == 1);
  reports_ = net_->ProjectText(table.to(type_));
}

absl::Status SgsegEngine::Check(const Sample& sample) const {
  const size_t needed = static_cast<size_t>(spec_.channels) * spec_.side_px * spec_.side_px;
  if (sample.pixels.size() != needed) {
    return absl::InvalidArgumentError(
        absl::StrCat("the network input has ", sample.pixels.size(), " values, needs ", needed));
  }
  if (!Supports(sample.guidance)) {
    return absl::InvalidArgumentError("an SGSeg network is guided by reports, not by prototypes");
  }
  return absl::OkStatus();
}

std::vector<Prediction> SgsegEngine::Run(absl::Span<const Sample* const> samples) {
  torch::InferenceMode inference;
  const auto n = static_cast<int64_t>(samples.size());
  const int64_t side = spec_.side_px;
  auto input = torch::empty({n, spec_.channels, side, side});
  for (int64_t i = 0; i < n; ++i) {
    std::memcpy(input[i].data_ptr(), samples[i]->pixels.data(),
                samples[i]->pixels.size() * sizeof(float));
  }
  const auto image = input.to(type_).contiguous(torch::MemoryFormat::ChannelsLast);
  const auto features = net_->Encode(image);
  const auto zones = torch::sigmoid(net_->Locate(features).zones.to(torch::kFloat32)).contiguous();

  std::vector<Prediction> predictions(n);
  std::vector<int64_t> rows(n);
  std::vector<float> use_text(n, 1.0F);
  for (int64_t i = 0; i < n; ++i) {
    Prediction& p = predictions[i];
    std::memcpy(p.zones.data(), zones[i].data_ptr(), sizeof(p.zones));
    p.guidance = samples[i]->guidance;
    const ZoneBits guiding = GuidingZones(*samples[i], p.zones);
    rows[i] = ReportRow(guiding);
    if (p.guidance == GuidanceMode::kWithheld) {
      use_text[i] = 0.0F;
    } else {
      p.report = ReportFor(guiding);
    }
  }
  const auto text = SelectRows(reports_, torch::tensor(rows));
  const auto used = torch::tensor(use_text).view({-1, 1, 1}).to(type_);
  const auto probabilities =
      torch::sigmoid(net_->Decode(features, text, used).to(torch::kFloat32)).contiguous();
  for (int64_t i = 0; i < n; ++i) {
    const auto* values = probabilities[i].data_ptr<float>();
    predictions[i].probabilities.assign(values, values + side * side);
  }
  return predictions;
}

std::vector<absl::StatusOr<Prediction>> SgsegEngine::Predict(
    absl::Span<const Sample* const> samples) {
  std::vector<absl::StatusOr<Prediction>> answers;
  std::vector<const Sample*> good;
  std::vector<size_t> place;
  for (size_t i = 0; i < samples.size(); ++i) {
    absl::Status status = Check(*samples[i]);
    if (status.ok()) {
      good.push_back(samples[i]);
      place.push_back(i);
    }
    answers.emplace_back(status.ok() ? absl::InternalError("not run") : std::move(status));
  }
  if (good.empty()) {
    return answers;
  }
  try {
    std::vector<Prediction> predictions = Run(good);
    for (size_t i = 0; i < place.size(); ++i) {
      answers[place[i]] = std::move(predictions[i]);
    }
  } catch (const std::exception& error) {  // c10::Error and allocation failures end here
    for (const size_t i : place) {
      answers[i] = absl::InternalError(absl::StrCat("the network failed: ", error.what()));
    }
  }
  return answers;
}

}  // namespace lingula
