#include "tests/model/backend/made_bundle.h"

#include <torch/torch.h>

#include "absl/strings/str_cat.h"
#include "model/base/file.h"
#include "model/bundle/bundle.h"
#include "model/train/export_bundle.h"
#include "model/train/learner.h"
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

bundle::v1::Manifest CompactManifest() {
  constexpr char kRecipe[] = "model/recipes/cxr-sgseg-compact.textproto";
  return ParseManifest(ReadFile(kRecipe).value(), kRecipe, ManifestKind::kRecipe).value();
}

std::string MakeBundle(const std::string& repository, const bundle::v1::Manifest& manifest) {
  Learner learner(manifest);
  FillByFormula(*learner, "model.");
  EXPECT_THAT(ExportBundle(repository, manifest, learner), IsOk());
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
