#include "model/backend/write_bundle.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/backend/card.h"
#include "model/backend/load_engine.h"
#include "model/backend/weights.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"

namespace lingula {
namespace {

using bundle::v1::Manifest;

constexpr double kPi = 3.14159265358979323846;
// Reports that guide the golden pictures of a network which writes none: zones 2, then 3 and 5.
constexpr float kToldZones[2][kZones] = {{0, 0, 1, 0, 0, 0}, {0, 0, 0, 1, 0, 1}};

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

// The bundle as far as it has been written.
absl::StatusOr<Bundle> Unfinished(const std::string& folder, const Manifest& manifest) {
  const auto open = [&](const char* name) {
    return SafeTensors::Open(absl::StrCat(folder, "/", name));
  };
  LINGULA_ASSIGN_OR_RETURN(SafeTensors weights, open(kWeightsFile));
  LINGULA_ASSIGN_OR_RETURN(SafeTensors golden, open(kGoldenFile));
  Bundle bundle{
      folder,       manifest, "", std::move(weights), std::move(golden), std::nullopt, std::nullopt,
      std::nullopt, "",       ""};
  if (manifest.has_prolearn()) {
    LINGULA_ASSIGN_OR_RETURN(bundle.prototypes, open(kPrototypesFile));
  } else {
    LINGULA_ASSIGN_OR_RETURN(bundle.reports, open(kReportsFile));
  }
  return bundle;
}

torch::Tensor Stacked(const std::vector<std::vector<float>>& rows) {
  std::vector<torch::Tensor> tensors;
  for (const auto& row : rows) {
    tensors.push_back(torch::tensor(row));
  }
  return torch::stack(tensors);
}

}  // namespace

std::string BundleFolder(const std::string& out, const Manifest& manifest) {
  return absl::StrCat(out, "/", manifest.name(), "/", manifest.version());
}

absl::Status WriteGolden(const std::string& folder, const Manifest& manifest) {
  const std::string path = absl::StrCat(folder, "/", kGoldenFile);
  const int64_t side = manifest.input().side_px();
  const auto pixels =
      Phantom(side).expand({2, static_cast<int64_t>(manifest.input().channels()), -1, -1});
  TensorWriter writer;
  writer.Add("pixels", pixels);
  if (manifest.family() == bundle::v1::FAMILY_LANGUIDE) {
    writer.Add("zones", torch::from_blob(const_cast<float*>(&kToldZones[0][0]), {2, kZones}));
  }
  LINGULA_RETURN_IF_ERROR(writer.Write(path));
  // Weights as the bundle stores them, so that the golden run shows what will be served.
  LINGULA_ASSIGN_OR_RETURN(const Bundle bundle, Unfinished(folder, manifest));
  LINGULA_ASSIGN_OR_RETURN(const auto engine, PlainEngine(bundle));
  LINGULA_ASSIGN_OR_RETURN(const auto samples, GoldenSamples(bundle));
  std::vector<std::vector<float>> probabilities, zones;
  for (const Sample& sample : samples) {
    const Sample* const one[] = {&sample};
    LINGULA_ASSIGN_OR_RETURN(const Prediction answer, std::move(engine->Predict(one).front()));
    probabilities.push_back(answer.probabilities);
    if (answer.zones.has_value()) {
      zones.emplace_back(answer.zones->begin(), answer.zones->end());
    }
  }
  writer.Add("probabilities", Stacked(probabilities).view({-1, side, side}));
  if (!zones.empty()) {
    writer.Add("zones", Stacked(zones));
  }
  return writer.Write(path);
}

absl::Status FinishBundle(const std::string& folder, const Manifest& manifest) {
  LINGULA_ASSIGN_OR_RETURN(const SafeTensors weights,
                           SafeTensors::Open(absl::StrCat(folder, "/", kWeightsFile)));
  LINGULA_RETURN_IF_ERROR(
      WriteFile(absl::StrCat(folder, "/", kCardFile), MakeCard(manifest, ParameterCount(weights))));
  std::vector<std::string> files = FilesOf(manifest);
  for (const bundle::v1::File& file : manifest.files()) {  // documents beside them stay
    if (std::find(files.begin(), files.end(), file.name()) == files.end()) {
      files.push_back(file.name());
    }
  }
  return WriteManifest(folder, manifest, files);
}

}  // namespace lingula
