#include "model/bundle/bundle.h"
#include "tests/fuzz/target.h"

namespace lingula::fuzz {

std::vector<std::string> Seeds() {
  const std::string start = R"(name: "tiny" version: "3" family: FAMILY_SGSEG
modality: MODALITY_CHEST_XRAY
input { side_px: 32 channels: 1 transpose: true }
)";
  const std::string network = R"(sgseg {
  mobilenet_v2 { width: 0.5 }
  decoder_widths: [64, 32, 16, 8]
  guide_text_tokens: 8 guide_text_tokens: 8 guide_text_tokens: 8
  cross_heads: 4 head_channels: 4 report_tokens: 24 report_dim: 2
  location { dim: 16 heads: 2 layers: 1 queries: 6 }
}
)";
  const std::string end = R"(threshold: 0.5 low_confidence_below: 0.7
golden { mean_abs: 0.01 zone_abs: 0.02 bf16_mean_abs: 0.03 bf16_zone_abs: 0.1 }
scores { metric: "dice" value: 0.8 images: 10 data: "made" guidance: "own" }
license: "Apache-2.0" notice: "Research \x55se \303\244 'only'" provenance: "a test"
)";
  std::string many_unknown;
  for (int i = 0; i < 2000; ++i) {
    many_unknown += "unknown: 1\n";
  }
  std::string files;
  for (const char* name : {kWeightsFile, kReportsFile, kGoldenFile, kCardFile}) {
    files +=
        std::string("files { name: \"") + name + "\" sha256: \"" + std::string(64, 'a') + "\" }\n";
  }
  return {start + network + end,
          start + network + end + files,
          start + "sgseg { convnext { depths: [1, 1, 1, 1] widths: [8, 16, 32, 64] } }" + end,
          "threshold: nan low_confidence_below: -inf bf16_dice: 1e400",
          "sgseg { location { dim: 0x7fffffff heads: 0 } cross_heads: 4294967295 }",
          "unknown { a < b: [1, 2] > } [x.y/z] { } # comment",
          "name: \"" + std::string(20000, 'n') + "\" version: \"\\n\\001\" provenance: 'p'",
          many_unknown,
          ""};
}

// As a recipe, which needs no files, and as a bundle's manifest.
bool Accepts(absl::string_view input) {
  bool accepted = false;
  for (const ManifestKind kind : {ManifestKind::kRecipe, ManifestKind::kBundle}) {
    const auto manifest = ParseManifest(input, "fuzz.textproto", kind);
    if (manifest.ok()) {
      accepted = true;
      const InputSpec input = InputSpecFrom(manifest->input());
      Require(input.side_px >= 32 && input.side_px <= 1024, "the side is in range");
    } else {
      RequireMessage(manifest.status().message());
    }
  }
  return accepted;
}

}  // namespace lingula::fuzz
