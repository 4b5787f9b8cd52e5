// lingula-train: trains a network by a recipe and writes it as a bundle.
#include <torch/torch.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"
#include "model/backend/load_engine.h"
#include "model/backend/write_bundle.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"
#include "model/tools/add_scores.h"
#include "model/tools/program.h"
#include "model/tools/read_images.h"
#include "model/train/device.h"
#include "model/train/make_learner.h"
#include "model/train/recipe.h"
#include "model/train/run_folder.h"
#include "model/train/trainer.h"

namespace lingula {
namespace {

struct Arguments {
  std::string recipe, data, validation, device = "cpu";
  uint32_t epochs = 0;
  int threads = 0;
  bool skip_broken = false;
  TrainOptions options;
};

void Declare(CLI::App& app, Arguments& a) {
  app.add_option("--recipe", a.recipe, "what to train and how (textproto)")->required();
  app.add_option("--data", a.data, "data manifest (CSV) with the training images")->required();
  app.add_option(
      "--validation", a.validation,
      "data manifest with the validation images; default: rows of --data whose split is val");
  app.add_option("--out", a.options.out, "folder for checkpoints, log, curve and bundle")
      ->required();
  app.add_option("--start", a.options.starts,
                 "weights to begin with: a TFLite file of an ImageNet MobileNetV2, a safetensors "
                 "file or a bundle's folder; may be repeated");
  app.add_option("--epochs", a.epochs, "passes over the data, instead of the recipe's")
      ->check(CLI::Range(1, 10000));
  app.add_option("--seed", a.options.seed, "decides every random choice");
  app.add_flag("--resume", a.options.resume, "go on from OUT/last.safetensors");
  app.add_option("--stop-after", a.options.stop_after,
                 "steps, counted from the first, after which to stop and leave a checkpoint")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
  app.add_option("--device", a.device, "cpu, cuda or cuda:N");
  app.add_option("--threads", a.threads, "processor threads; 0: one for each core")
      ->check(CLI::Range(0, 1024));
  app.add_flag("--skip-broken", a.skip_broken,
               "leave out files that cannot be read, and name them");
  app.add_flag("--bf16,!--fp32", a.options.bf16, "mixed precision (default) or float32");
}

absl::StatusOr<train::v1::Recipe> RecipeOf(const Arguments& a) {
  LINGULA_ASSIGN_OR_RETURN(auto recipe, ReadRecipe(a.recipe));
  train::v1::Schedule& schedule = *recipe.mutable_schedule();
  if (a.epochs == 0) {
    return recipe;
  }
  schedule.set_epochs(a.epochs);
  if (a.epochs < schedule.min_epochs() ||
      (schedule.cosine_epochs() > 0 && a.epochs > schedule.cosine_epochs())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--epochs ", a.epochs, ": ", a.recipe, " has min_epochs ", schedule.min_epochs(),
        " and cosine_epochs ", schedule.cosine_epochs(), ", which must enclose it"));
  }
  return recipe;
}

absl::Status Main(Arguments& a) {
  ConfigureCompute(a.threads);
  LINGULA_ASSIGN_OR_RETURN(const auto recipe, RecipeOf(a));
  LINGULA_ASSIGN_OR_RETURN(a.options.device, DeviceNamed(a.device));
  const std::string validation = a.validation.empty() ? a.data : a.validation;
  LINGULA_ASSIGN_OR_RETURN(const auto train_rows, ReadDataManifest(a.data, "train"));
  LINGULA_ASSIGN_OR_RETURN(auto validation_rows, ReadDataManifest(validation, "val"));
  LINGULA_RETURN_IF_ERROR(PrepareRunFolder(a.options.out, a.options.resume));
  const InputSpec spec = InputSpecFrom(recipe.bundle().input());
  {
    LINGULA_ASSIGN_OR_RETURN(const ImageCache train,
                             ReadImages(a.data, train_rows, spec, a.skip_broken));
    LINGULA_ASSIGN_OR_RETURN(const ImageCache held,
                             ReadImages(validation, validation_rows, spec, a.skip_broken));
    LINGULA_RETURN_IF_ERROR(Train(recipe, MakeLearnerOf, train, held, a.options));
    const std::set<std::string> read(held.files.begin(), held.files.end());
    validation_rows.erase(
        std::remove_if(validation_rows.begin(), validation_rows.end(),
                       [&](const DataRow& row) { return read.count(row.image) == 0; }),
        validation_rows.end());
  }
  const std::string folder = BundleFolder(a.options.out, recipe.bundle());
  if (!std::filesystem::exists(absl::StrCat(folder, "/", kManifestFile))) {
    return absl::OkStatus();  // stopped on purpose
  }
  return AddScores(folder, validation_rows, std::filesystem::path(validation).stem().string());
}

}  // namespace
}  // namespace lingula

int main(int argc, char** argv) {
  lingula::WaitBriefly(argv);
  lingula::UseTiles();
  lingula::Arguments arguments;
  CLI::App app("Trains a network by a recipe and writes it as a bundle.", "lingula-train");
  lingula::Declare(app, arguments);
  return lingula::RunProgram(app, argc, argv, [&] { return lingula::Main(arguments); });
}
