#include "tests/model/backend/made_bundle.h"

#include <torch/torch.h>

#include "absl/strings/str_cat.h"
#include "model/bundle/bundle.h"
#include "model/train/export_bundle.h"
#include "model/train/recipe.h"
#include "model/train/sgseg_learner.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/model/nets/formula_fill.h"

namespace lingula::test {

bundle::v1::Manifest TinyManifest() {
  bundle::v1::Manifest manifest = SmallManifest();
  manifest.mutable_input()->set_side_px(64);
  manifest.mutable_input()->set_transpose(true);
  manifest.mutable_sgseg()->set_report_dim(16);
  // Weights by formula are steeper than trained ones, which bfloat16 feels.
  manifest.mutable_golden()->set_bf16_zone_abs(0.15F);
  return manifest;
}

train::v1::Recipe TinyRecipe(const bundle::v1::Manifest& manifest) {
  train::v1::Recipe recipe;
  *recipe.mutable_bundle() = manifest;
  train::v1::Schedule& schedule = *recipe.mutable_schedule();
  schedule.set_epochs(3);
  schedule.set_batch(3);
  schedule.set_rate(1.5e-3);
  schedule.set_encoder_rate(4e-4);
  schedule.set_weight_decay(0.02);
  schedule.set_warmup_steps(2);
  schedule.set_average(0.998);
  schedule.set_clip_norm(3);
  train::v1::Losses& losses = *recipe.mutable_losses();
  losses.set_dice(1);
  losses.set_cross_entropy(1);
  losses.set_zones(0.5);
  losses.set_coarse(0.3);
  train::v1::SgsegTraining& sgseg = *recipe.mutable_sgseg();
  sgseg.set_truth_share(0.4);
  sgseg.set_withheld_share(0.2);
  sgseg.set_contrastive_steps(0);
  sgseg.mutable_text()->set_layers(2);
  sgseg.mutable_text()->set_heads(4);
  sgseg.mutable_text()->set_feed_forward(2 * manifest.sgseg().report_dim());
  return recipe;
}

bundle::v1::Manifest CompactManifest() {
  return ReadRecipe("model/recipes/cxr-sgseg-compact.textproto").value().bundle();
}

std::string MakeBundle(const std::string& repository, const bundle::v1::Manifest& manifest) {
  const auto learner = SgsegLearner::Make(TinyRecipe(manifest)).value();
  FillByFormula(*learner, "model.");
  EXPECT_THAT(ExportBundle(repository, manifest, *learner), IsOk());
  return absl::StrCat(repository, "/", manifest.name(), "/", manifest.version());
}

std::vector<Sample> MakeSamples(const bundle::v1::Manifest& manifest, int count) {
  const int64_t side = manifest.input().side_px();
  std::vector<Sample> samples(count);
  for (int i = 0; i < count; ++i) {
    // Smooth, so that samples differ in large patches as X-rays do.
    const auto coarse =
        FormulaTensor(absl::StrCat("input.sample", i), {1, manifest.input().channels(), 8, 8});
    const auto image =
        torch::upsample_bicubic2d(coarse, {side, side}, false, std::nullopt, std::nullopt)
            .contiguous();
    samples[i].pixels.assign(image.data_ptr<float>(), image.data_ptr<float>() + image.numel());
  }
  return samples;
}

}  // namespace lingula::test
