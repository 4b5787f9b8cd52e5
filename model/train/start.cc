#include "model/train/start.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "model/backend/weights.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"
#include "model/train/batches.h"
#include "model/train/mobilenet_start.h"

namespace lingula {
namespace {

constexpr int64_t kStartImages = 96;
constexpr char kNetwork[] = "net.", kDetector[] = "net.detector.", kTower[] = "text.";
// Parts that families build alike: what one calls the first, the other calls the second.
constexpr std::pair<absl::string_view, absl::string_view> kSameParts[] = {
    {"net.encoder.", "net.vision_encoder."},
    {"net.vision_encoder.", "net.encoder."},
    {"net.detector.", "net.query."},
    {"net.query.", "net.detector."}};

bool IsTflite(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  char head[8] = {};
  file.read(head, sizeof(head));
  return file.gcount() == sizeof(head) && absl::string_view(head + 4, 4) == "TFL3";
}

// Whether the recipe lets this state entry have a start.
bool IsWanted(const Learner& learner, train::v1::Start part, const std::string& name) {
  switch (part) {
    case train::v1::START_ENCODER:
      return learner.GroupOf(name) == Learner::Group::kEncoder;
    case train::v1::START_DETECTOR:
      return absl::StartsWith(name, kDetector);
    default:
      return true;
  }
}

// The tensor of that name: bundles leave out the child's name, runs keep averages apart.
const TensorView* FindNamed(const TensorMap& tensors, const std::string& name) {
  for (const std::string& candidate : {absl::StrCat("average/", name), absl::StrCat("model/", name),
                                       name, std::string(absl::StripPrefix(name, kNetwork)),
                                       std::string(absl::StripPrefix(name, kTower))}) {
    if (const auto found = tensors.find(candidate); found != tensors.end()) {
      return &found->second;
    }
  }
  return nullptr;
}

// The tensor of a state entry, by its own name or another family's.
const TensorView* Find(const TensorMap& tensors, const std::string& name) {
  if (const TensorView* own = FindNamed(tensors, name); own != nullptr) {
    return own;
  }
  for (const auto& [mine, theirs] : kSameParts) {
    if (absl::string_view rest = name; absl::ConsumePrefix(&rest, mine)) {
      return FindNamed(tensors, absl::StrCat(theirs, rest));
    }
  }
  return nullptr;
}

absl::Status TakeFrom(const SafeTensors& file, train::v1::Start part, Learner& learner,
                      std::set<std::string>& taken) {
  torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : StateOf(learner)) {
    const TensorView* view = Find(file.tensors(), name);
    if (view == nullptr || view->shape != tensor.sizes().vec() || !IsWanted(learner, part, name)) {
      continue;
    }
    LINGULA_ASSIGN_OR_RETURN(const torch::Tensor source, ToTensor(*view));
    if (source.is_floating_point() && !torch::isfinite(source).all().item<bool>()) {
      return absl::InvalidArgumentError(
          absl::StrCat(file.path(), ": ", name, " holds a value that is not finite"));
    }
    tensor.copy_(source);
    taken.insert(name);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> StartFromTflite(const std::string& path,
                                            const train::v1::Recipe& recipe,
                                            const ImageCache& train, Learner& learner) {
  if (recipe.start() == train::v1::START_DETECTOR) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": holds an image encoder, the recipe wants to start the detector"));
  }
  auto* encoder = dynamic_cast<MobileNetV2*>(&learner.encoder());
  if (encoder == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": a TFLite start fits MobileNetV2 encoders only"));
  }
  LINGULA_ASSIGN_OR_RETURN(const auto convs, ReadMobileNetV2(path));
  const int64_t count = std::min(kStartImages, train.size());
  const auto images = PlainRows(train, 0, count, torch::kCPU).images;
  LINGULA_RETURN_IF_ERROR(StartFrom(convs, recipe.bundle().input().transpose(), images, *encoder));
  return absl::StrCat(path, ": ", convs.size(), " convolutions of ImageNet");
}

absl::StatusOr<std::string> StartFromTensors(const std::string& path, train::v1::Start part,
                                             Learner& learner) {
  std::vector<std::string> files{path};
  if (std::filesystem::is_directory(path)) {
    files = {absl::StrCat(path, "/", kWeightsFile)};
    if (const auto tower = absl::StrCat(path, "/", kTextEncoderFile);
        std::filesystem::exists(tower)) {
      files.push_back(tower);
    }
  }
  std::set<std::string> taken;
  for (const std::string& name : files) {
    LINGULA_ASSIGN_OR_RETURN(const SafeTensors file, SafeTensors::Open(name));
    LINGULA_RETURN_IF_ERROR(TakeFrom(file, part, learner, taken));
  }
  int64_t wanted = 0;
  for (const auto& [name, tensor] : StateOf(learner)) {
    wanted += IsWanted(learner, part, name) ? 1 : 0;
  }
  if (taken.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": none of its tensors has name and shape of one of the ", wanted, " to be started"));
  }
  return absl::StrCat(path, ": ", taken.size(), " of ", wanted, " tensors");
}

}  // namespace

absl::Status StartLearner(const std::vector<std::string>& files, const train::v1::Recipe& recipe,
                          const ImageCache& train, Learner& learner) {
  if (files.empty() && recipe.start() != train::v1::START_UNSPECIFIED) {
    return absl::InvalidArgumentError(
        absl::StrCat("the recipe says start: ", train::v1::Start_Name(recipe.start()),
                     ", so --start has to give a file"));
  }
  for (const std::string& file : files) {
    LINGULA_ASSIGN_OR_RETURN(const std::string report,
                             IsTflite(file) ? StartFromTflite(file, recipe, train, learner)
                                            : StartFromTensors(file, recipe.start(), learner));
    std::cerr << "started from " << report << "\n";
  }
  return absl::OkStatus();
}

}  // namespace lingula
