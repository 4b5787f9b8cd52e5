#include "model/backend/sgseg_engine.h"

#include <cstring>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "model/backend/network_options.h"
#include "model/backend/weights.h"
#include "model/base/status_macros.h"
#include "model/text/report_grammar.h"

namespace lingula {

namespace {

// A tensor outside the network's state.
absl::StatusOr<torch::Tensor> FiniteTensor(const SafeTensors& file, const char* name,
                                           const char* file_name) {
  LINGULA_ASSIGN_OR_RETURN(const TensorView view, file.Get(name));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor tensor, ToTensor(view));
  if (!torch::isfinite(tensor).all().item<bool>()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file_name, ": ", name, " holds a value that is not finite"));
  }
  return tensor;
}

}  // namespace

absl::StatusOr<LoadedSgseg> LoadSgseg(const Bundle& bundle) {
  Sgseg net(SgsegOptionsFrom(bundle.manifest));
  LINGULA_RETURN_IF_ERROR(LoadState(*net, bundle.weights));
  LINGULA_ASSIGN_OR_RETURN(const torch::Tensor table,
                           FiniteTensor(*bundle.reports, "table", kReportsFile));
  net->eval();
  return LoadedSgseg{net, table};
}

SgsegEngine::SgsegEngine(Sgseg net, const torch::Tensor& table, std::optional<TextTower> tower,
                         const InputSpec& spec, const NetForm& form)
    : TorchEngine(spec, form),
      writes_reports_(!std::holds_alternative<std::monostate>(net->options().locator)),
      net_(std::move(net)),
      tower_(std::move(tower)) {
  torch::InferenceMode inference;
  reports_ = net_->ProjectText(table.to(form.types.decoder));
}

ReportKeysValues SgsegEngine::Texts(absl::Span<const Sample* const> samples,
                                    absl::Span<Prediction> predictions) {
  std::vector<int64_t> rows, free;
  std::vector<std::string> free_texts;
  for (size_t i = 0; i < samples.size(); ++i) {
    const Sample& sample = *samples[i];
    const bool told = sample.guidance == GuidanceMode::kReport;
    ZoneBits zones = sample.report;
    if (!told && predictions[i].zones.has_value()) {
      zones = Reported(*predictions[i].zones);
    }
    rows.push_back(ReportRow(zones));
    if (told && !sample.free_text.empty()) {
      free.push_back(static_cast<int64_t>(i));
      free_texts.push_back(sample.free_text);
      predictions[i].report = sample.free_text;
    } else if (sample.guidance != GuidanceMode::kWithheld) {
      predictions[i].report = ReportFor(zones);
    }
  }
  ReportKeysValues texts = SelectRows(reports_, torch::tensor(rows));
  if (!free.empty()) {
    const TextTower::Read read = (*tower_)(free_texts);
    ReplaceRows(texts, torch::tensor(free), net_->ProjectText(read.hidden));
    for (size_t i = 0; i < free.size(); ++i) {
      predictions[free[i]].report_truncated = read.truncated[i];
    }
  }
  return texts;
}

ReportKeysValues SgsegEngine::SecondTexts(const std::vector<int64_t>& places,
                                          absl::Span<Prediction> predictions) const {
  std::vector<int64_t> rows;
  for (const int64_t place : places) {
    const ZoneBits zones = SecondReport(*predictions[place].zones);
    rows.push_back(ReportRow(zones));
    predictions[place].second.emplace().report = ReportFor(zones);
  }
  return SelectRows(reports_, torch::tensor(rows));
}

TorchEngine::MaskLogits SgsegEngine::Run(const torch::Tensor& image,
                                         absl::Span<const Sample* const> samples,
                                         absl::Span<Prediction> predictions) {
  const auto features = net_->Encode(image);
  NoteFeatures(features, predictions);
  if (writes_reports_) {
    const auto zones =
        torch::sigmoid(net_->Locate(image, features).zones.to(torch::kFloat32)).contiguous();
    for (size_t i = 0; i < predictions.size(); ++i) {
      ZoneProbabilities& found = predictions[i].zones.emplace();
      std::memcpy(found.data(), zones[static_cast<int64_t>(i)].data_ptr(), sizeof(found));
    }
  }
  MaskLogits logits;
  logits.masks =
      net_->Decode(features, Texts(samples, predictions), GuidanceShares(samples, type()));
  if (const std::vector<int64_t> twice = AskingTwice(samples); !twice.empty()) {
    logits.second = net_->Decode(SelectSamples(features, twice), SecondTexts(twice, predictions),
                                 torch::Tensor());
  }
  return logits;
}

}  // namespace lingula
