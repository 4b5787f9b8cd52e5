#include "model/train/export_bundle.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/backend/sgseg_options.h"
#include "model/backend/weights.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"

namespace lingula {
namespace {

constexpr double kPi = 3.14159265358979323846;

// Two bright ellipses with darker lungs and two hazy spots, z-scored: [2, 1, S, S]; the second
// image has the spots elsewhere. Drawn from a formula, so that it may be shipped.
torch::Tensor Phantom(int64_t side) {
  const auto line = torch::linspace(-1, 1, side);
  const auto x = line.view({1, -1}), y = line.view({-1, 1});
  const auto blob = [&](double cx, double cy, double rx, double ry) {
    return torch::exp(-(torch::pow((x - cx) / rx, 2) + torch::pow((y - cy) / ry, 2)));
  };
  const auto chest = 120 + 40 * torch::cos(x * kPi / 2) - 90 * blob(-0.42, -0.05, 0.27, 0.55) -
                     90 * blob(0.42, -0.05, 0.27, 0.55);
  const auto images = torch::stack({chest + 60 * blob(-0.45, 0.3, 0.18, 0.2),
                                    chest + 50 * blob(0.42, -0.3, 0.2, 0.18)})
                          .unsqueeze(1);
  const auto mean = images.mean({2, 3}, true);
  return (images - mean) / torch::sqrt((images - mean).pow(2).mean({2, 3}, true));
}

// Weights as the bundle stores them, so that the golden run shows what will be served.
absl::Status Reload(const std::string& folder, Sgseg& net, torch::Tensor& table) {
  LINGULA_ASSIGN_OR_RETURN(const SafeTensors weights,
                           SafeTensors::Open(absl::StrCat(folder, "/", kWeightsFile)));
  LINGULA_RETURN_IF_ERROR(LoadState(*net, weights));
  LINGULA_ASSIGN_OR_RETURN(const SafeTensors reports,
                           SafeTensors::Open(absl::StrCat(folder, "/", kReportsFile)));
  LINGULA_ASSIGN_OR_RETURN(const TensorView view, reports.Get("table"));
  LINGULA_ASSIGN_OR_RETURN(table, ToTensor(view));
  return absl::OkStatus();
}

absl::Status WriteGolden(const std::string& folder, const bundle::v1::Manifest& manifest) {
  Sgseg net(SgsegOptionsFrom(manifest));
  torch::Tensor table;
  LINGULA_RETURN_IF_ERROR(Reload(folder, net, table));
  net->eval();
  const auto pixels = Phantom(manifest.input().side_px())
                          .expand({2, static_cast<int64_t>(manifest.input().channels()), -1, -1})
                          .contiguous();
  const auto features = net->Encode(pixels.expand({2, 3, -1, -1}));
  const auto zones = torch::sigmoid(net->Locate(features).zones);
  const auto text = SelectRows(net->ProjectText(table), ReportRows(zones));
  const auto masks = torch::sigmoid(net->Decode(features, text, torch::Tensor()));
  TensorWriter writer;
  writer.Add("pixels", pixels);
  writer.Add("zones", zones);
  writer.Add("probabilities", masks.squeeze(1));
  return writer.Write(absl::StrCat(folder, "/", kGoldenFile));
}

std::string Card(const bundle::v1::Manifest& m, int64_t parameters) {
  std::string card = absl::StrFormat(
      "# %s, version %s\n\n%s\n\n## What it is\n\n"
      "A network of the SGSeg family: it writes a report of the infected lung zones from a "
      "frontal\n"
      "chest X-ray and lets that report guide the mask. %.2f million parameters, input %d x "
      "%d%s.\n\n"
      "Sides in its reports are the viewer's: \"left lung\" is the lung on the left of the image,\n"
      "normally the patient's right lung.\n\n## Scores\n\n"
      "| metric | value | images | data | guidance |\n|---|---|---|---|---|\n",
      m.name(), m.version(), m.notice(), static_cast<double>(parameters) / 1e6, m.input().side_px(),
      m.input().side_px(), m.input().transpose() ? ", axes swapped" : "");
  for (const auto& score : m.scores()) {
    absl::StrAppendFormat(&card, "| %s | %.4f | %d | %s | %s |\n", score.metric(), score.value(),
                          score.images(), score.data(), score.guidance());
  }
  absl::StrAppend(
      &card, "\n## How it was made\n\n", m.provenance(),
      m.bf16_dice() > 0
          ? absl::StrFormat(
                "\n\nDice between its masks in bfloat16 and in float32 on those images: "
                "%.4f; bfloat16 is served from 0.995 on, or when asked for.",
                m.bf16_dice())
          : "",
      "\n\n## Not for\n\nDiagnosis, triage or any other clinical use. All images it "
      "learned from show\n"
      "COVID-19 pneumonia: on healthy lungs, other findings, lateral views and "
      "children its behaviour\n"
      "is not known. Expected Dice is not calibrated.\n\nLicence of the weights: ",
      m.license(), ".\n");
  return card;
}

}  // namespace

std::string BundleFolder(const std::string& out, const bundle::v1::Manifest& manifest) {
  return absl::StrCat(out, "/", manifest.name(), "/", manifest.version());
}

absl::Status FinishBundle(const std::string& folder, const bundle::v1::Manifest& manifest) {
  LINGULA_ASSIGN_OR_RETURN(const SafeTensors weights,
                           SafeTensors::Open(absl::StrCat(folder, "/", kWeightsFile)));
  LINGULA_RETURN_IF_ERROR(
      WriteFile(absl::StrCat(folder, "/", kCardFile), Card(manifest, ParameterCount(weights))));
  return WriteManifest(folder, manifest, {kWeightsFile, kReportsFile, kGoldenFile, kCardFile});
}

absl::Status ExportBundle(const std::string& out, const bundle::v1::Manifest& manifest,
                          const Learner& learner) {
  torch::NoGradGuard no_grad;
  const std::string folder = BundleFolder(out, manifest);
  std::error_code error;
  std::filesystem::create_directories(folder, error);  // a failure shows at the first write
  Learner copy = learner;                              // shares the weights
  copy->eval();
  TensorWriter weights;
  weights.AddState(*copy->net(), "", true);
  LINGULA_RETURN_IF_ERROR(weights.Write(absl::StrCat(folder, "/", kWeightsFile)));
  TensorWriter reports;
  reports.Add("table", copy->ReportTable(), true);
  LINGULA_RETURN_IF_ERROR(reports.Write(absl::StrCat(folder, "/", kReportsFile)));
  LINGULA_RETURN_IF_ERROR(WriteGolden(folder, manifest));
  return FinishBundle(folder, manifest);
}

}  // namespace lingula
