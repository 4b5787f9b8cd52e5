#include "model/parity/serve.h"

#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"

namespace lingula::parity {

absl::StatusOr<Served> Serve(Engine& engine, const torch::Tensor& images,
                             const std::vector<Sample>& asked) {
  const auto grey = images.narrow(1, 0, 1).contiguous();
  if (static_cast<int64_t>(asked.size()) != images.size(0)) {
    return absl::InvalidArgumentError(
        absl::StrCat(asked.size(), " texts for ", images.size(0), " pictures"));
  }
  std::vector<Sample> samples = asked;
  std::vector<const Sample*> batch;
  for (size_t i = 0; i < samples.size(); ++i) {
    const auto picture = grey[static_cast<int64_t>(i)];
    const auto* pixels = picture.data_ptr<float>();
    samples[i].pixels.assign(pixels, pixels + picture.numel());
    batch.push_back(&samples[i]);
  }
  Served served;
  served.probabilities = torch::empty(grey.sizes());
  for (const auto& answer : engine.Predict(batch)) {
    LINGULA_RETURN_IF_ERROR(answer.status());
    auto place = served.probabilities[static_cast<int64_t>(served.predictions.size())];
    std::memcpy(place.data_ptr(), answer->probabilities.data(), place.nbytes());
    served.predictions.push_back(*answer);
  }
  return served;
}

std::vector<Sample> Alike(const torch::Tensor& images, GuidanceMode guidance) {
  Sample sample;
  sample.guidance = guidance;
  return std::vector<Sample>(images.size(0), sample);
}

absl::StatusOr<torch::Tensor> NamedImages(const FileCheck& check) {
  constexpr char kPrefix[] = "inputs.safetensors: ";
  LINGULA_ASSIGN_OR_RETURN(const std::string input, check.Note("input"));
  if (!absl::StartsWith(input, kPrefix)) {
    return absl::InvalidArgumentError(
        absl::StrCat("metadata input: \"", input, "\" does not start with \"", kPrefix, "\""));
  }
  return check.folder().Images(input.substr(sizeof(kPrefix) - 1));
}

}  // namespace lingula::parity
