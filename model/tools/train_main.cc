// lingula-train: trains an SGSeg network and writes it as a bundle.
#include <torch/torch.h>

#include <filesystem>
#include <iostream>

#include "model/backend/load_engine.h"
#include "model/backend/write_bundle.h"
#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"
#include "model/tools/evaluate.h"
#include "model/tools/program.h"
#include "model/train/progress.h"
#include "model/train/trainer.h"

namespace lingula {
namespace {

struct Arguments {
  std::string data, validation, manifest;
  int threads = 0;
  bool skip_broken = false;
  TrainOptions options;
};

void Declare(CLI::App& app, Arguments& a) {
  app.add_option("--data", a.data, "data manifest (CSV) with the training images")->required();
  app.add_option(
      "--validation", a.validation,
      "data manifest with the validation images; default: rows of --data whose split is val");
  app.add_option("--manifest", a.manifest, "network and texts of the bundle (textproto)")
      ->required();
  app.add_option("--out", a.options.out, "folder for checkpoints, log and bundle")->required();
  app.add_option("--start", a.options.start,
                 "TFLite file of an ImageNet MobileNetV2 to start from");
  app.add_option("--epochs", a.options.epochs, "passes over the data")->check(CLI::Range(1, 10000));
  app.add_option("--batch", a.options.batch, "images a step")->check(CLI::Range(2, 4096));
  app.add_option("--rate", a.options.rate, "highest learning rate");
  app.add_option("--encoder-rate", a.options.encoder_rate, "highest learning rate of the encoder");
  app.add_option("--seed", a.options.seed, "decides every random choice");
  app.add_option("--threads", a.threads, "processor threads; 0: one for each core");
  app.add_flag("--resume", a.options.resume, "go on from OUT/last.safetensors");
  app.add_flag("--skip-broken", a.skip_broken,
               "leave out files that cannot be read, and name them");
  app.add_flag("--bf16,!--fp32", a.options.bf16, "mixed precision (default) or float32");
}

absl::StatusOr<ImageCache> Load(const std::string& csv, const std::vector<DataRow>& rows,
                                const InputSpec& spec, const Arguments& a) {
  Progress progress("reading " + csv, static_cast<int64_t>(rows.size()));
  auto cache = LoadImages(rows, spec, a.skip_broken ? BrokenFiles::kSkip : BrokenFiles::kRefuse,
                          [&](int64_t done, int64_t) { progress.Advance(done); });
  if (cache.ok()) {
    for (const std::string& skipped : cache->skipped) {
      std::cerr << "skipped " << skipped << "\n";
    }
  }
  return cache;
}

// Measures the finished bundle on the validation files, the way it will be served, and notes the
// figures in its manifest and card.
absl::Status AddScores(const std::string& folder, const std::vector<DataRow>& rows,
                       const std::string& data) {
  const absl::Status low = MeasurePrecision(folder, rows, bundle::v1::ARITHMETIC_BFLOAT16);
  if (!low.ok() && !absl::IsFailedPrecondition(low)) {  // else it stays with float32
    return low;
  }
  LINGULA_ASSIGN_OR_RETURN(const Bundle bundle, OpenBundle(folder));
  EngineOptions float32;
  float32.precision = Precision::kFloat32;
  LINGULA_ASSIGN_OR_RETURN(const auto engine, LoadEngine(bundle, float32));
  bundle::v1::Manifest manifest = bundle.manifest;
  manifest.clear_scores();
  const std::pair<const char*, GuidanceMode> kinds[] = {
      {"generated report", GuidanceMode::kGeneratedReport},
      {"true report", GuidanceMode::kReport},
      {"text withheld", GuidanceMode::kWithheld}};
  for (const auto& [guidance, mode] : kinds) {
    Progress progress(guidance, static_cast<int64_t>(rows.size()));
    LINGULA_ASSIGN_OR_RETURN(
        const auto images,
        Evaluate(*engine, manifest, rows, mode, [&](int64_t done) { progress.Advance(done); }));
    const DataSetScores scores = ScoreDataSet(images, 1000, 0);
    const auto add = [&](const char* metric, double value) {
      auto& score = *manifest.add_scores();
      score.set_metric(metric);
      score.set_value(value);
      score.set_data(data);
      score.set_guidance(guidance);
      score.set_images(static_cast<uint32_t>(scores.images));
    };
    add("dice", scores.dice);
    add("jaccard", scores.jaccard);
    add("accuracy", scores.accuracy);
    if (mode == GuidanceMode::kGeneratedReport) {
      add("zone_accuracy", scores.zone_accuracy);
      add("zone_f1", scores.zone_f1);
    }
  }
  return FinishBundle(folder, manifest);
}

absl::Status Main(const Arguments& a) {
  ConfigureCompute(a.threads);
  LINGULA_ASSIGN_OR_RETURN(const std::string text, ReadFile(a.manifest));
  LINGULA_ASSIGN_OR_RETURN(const auto manifest,
                           ParseManifest(text, a.manifest, ManifestKind::kRecipe));
  std::filesystem::create_directories(a.options.out);
  const std::string validation = a.validation.empty() ? a.data : a.validation;
  LINGULA_ASSIGN_OR_RETURN(const auto train_rows, ReadDataManifest(a.data, "train"));
  LINGULA_ASSIGN_OR_RETURN(const auto validation_rows, ReadDataManifest(validation, "val"));
  const InputSpec spec = InputSpecFrom(manifest.input());
  {
    LINGULA_ASSIGN_OR_RETURN(const ImageCache train, Load(a.data, train_rows, spec, a));
    LINGULA_ASSIGN_OR_RETURN(const ImageCache held, Load(validation, validation_rows, spec, a));
    LINGULA_RETURN_IF_ERROR(Train(manifest, train, held, a.options));
  }
  return AddScores(BundleFolder(a.options.out, manifest), validation_rows,
                   std::filesystem::path(validation).stem().string());
}

}  // namespace
}  // namespace lingula

int main(int argc, char** argv) {
  lingula::WaitBriefly(argv);
  lingula::Arguments arguments;
  CLI::App app("Trains an SGSeg network and writes it as a bundle.", "lingula-train");
  lingula::Declare(app, arguments);
  return lingula::RunProgram(app, argc, argv, [&] { return lingula::Main(arguments); });
}
