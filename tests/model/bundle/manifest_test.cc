#include <cmath>
#include <functional>

#include "model/base/file.h"
#include "model/bundle/bundle.h"
#include "tests/model/bundle/bundle_files.h"

namespace lingula {
namespace {

using bundle::v1::Manifest;
using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

// A good manifest as text, through WriteManifest.
std::string GoodText() {
  const test::TempFolder folder;
  for (const std::string& name : test::SmallFiles()) {
    test::Put(folder.path() + "/" + name, name);
  }
  EXPECT_THAT(WriteManifest(folder.path(), test::SmallManifest(), test::SmallFiles()), IsOk());
  return ReadFile(folder.path() + "/" + kManifestFile).value();
}

TEST(ManifestTest, ReadsBackWhatWasWritten) {
  const auto manifest = ParseManifest(GoodText(), "m");
  ASSERT_THAT(manifest, IsOk());
  EXPECT_EQ(manifest->name(), "tiny");
  ASSERT_EQ(manifest->files_size(), 4);
  EXPECT_EQ(manifest->files(0).name(), kCardFile);
  EXPECT_EQ(manifest->files(0).sha256(), Sha256Hex(kCardFile));
}

TEST(ManifestTest, KnowsSha256) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(ManifestTest, ReportsEveryMistakeAtItsPlace) {
  const auto manifest = ParseManifest(
      "name: \"Tiny model\"\n"
      "version: \"3\"\n"
      "family: FAMILY_SGSEG\n"
      "modality: MODALITY_CHEST_XRAY\n"
      "input { side_px: 100 channels: 2 }\n"
      "colour: 3\n"
      "sgseg {\n"
      "  mobilenet_v2 { width: 1 }\n"
      "  decoder_widths: 64 decoder_widths: 32\n"
      "  decoder_widths: 17 decoder_widths: 8\n"
      "  location { dim: 16 heads: 2 queries: 4 }\n"
      "}\n"
      "threshold: 1.0\n"
      "files { name: \"run.py\" sha256: \"ABC\" }\n",
      "m");
  ASSERT_THAT(manifest, StatusIs(absl::StatusCode::kInvalidArgument));
  const std::string lines(manifest.status().message());
  for (const char* expected :
       {"m:1:1: name: must be", "m:5:9: input.side_px: must be a multiple of 32",
        "m:5:22: input.channels: must be 1 or 3, got 2",
        "m:6:7: ", "m:7:1: sgseg.guide_text_tokens: must have 3 values, got 0",
        "m:7:1: sgseg.cross_heads: must be in", "m:7:1: sgseg.report_tokens: must be in",
        "m:10:3: sgseg.decoder_widths[2]: must be half of the one before, 32, got 17",
        "m:10:22: sgseg.decoder_widths[3]: must be half of the one before, 17, got 8",
        "m:11:31: sgseg.location.queries: must be 1 or 6, got 4",
        "m:13:1: threshold: must be in (0, 1), got 1", "m:14:9: files[0].name: \"run.py\"",
        "m:14:24: files[0].sha256: must be 64", "files: weights.safetensors is missing",
        "m:1:1: license: is missing", "m:1:1: golden.mean_abs: must be in (0, 1), got 0"}) {
    EXPECT_THAT(lines, HasSubstr(expected));
  }
}

struct Case {
  const char* name;
  std::function<void(Manifest&)> spoil;
  const char* reason;
};
class BadFieldTest : public testing::TestWithParam<Case> {};

TEST_P(BadFieldTest, IsRefusedBeforeAnythingIsWritten) {
  const test::TempFolder folder;
  for (const std::string& name : test::SmallFiles()) {
    test::Put(folder.path() + "/" + name, name);
  }
  Manifest manifest = test::SmallManifest();
  GetParam().spoil(manifest);
  EXPECT_THAT(WriteManifest(folder.path(), manifest, test::SmallFiles()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().reason)));
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/" + kManifestFile));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadFieldTest,
    testing::Values(
        Case{"version_zero", [](Manifest& m) { m.set_version("0"); }, "version: "},
        Case{"version_text", [](Manifest& m) { m.set_version("1.0"); }, "version: "},
        Case{"family", [](Manifest& m) { m.clear_family(); }, "family: "},
        Case{"modality", [](Manifest& m) { m.clear_modality(); }, "modality: "},
        Case{"network", [](Manifest& m) { m.clear_sgseg(); }, "sgseg: is missing"},
        Case{"encoder", [](Manifest& m) { m.mutable_sgseg()->clear_encoder(); },
             "needs an encoder"},
        Case{"convnext", [](Manifest& m) { m.mutable_sgseg()->mutable_convnext()->add_depths(3); },
             "sgseg.convnext.depths: must have 4 values, got 1"},
        Case{"mobilenet",
             [](Manifest& m) { m.mutable_sgseg()->mutable_mobilenet_v2()->set_width(0); },
             "mobilenet_v2.width: "},
        Case{"cross_heads", [](Manifest& m) { m.mutable_sgseg()->set_cross_heads(5); },
             "must divide decoder width"},
        Case{"report_tokens", [](Manifest& m) { m.mutable_sgseg()->set_report_tokens(23); },
             "must be in [24, 24], got 23"},
        Case{"location_heads",
             [](Manifest& m) { m.mutable_sgseg()->mutable_location()->set_heads(3); },
             "must divide location.dim"},
        Case{"threshold_nan", [](Manifest& m) { m.set_threshold(std::nanf("")); }, "threshold: "},
        Case{"low_confidence", [](Manifest& m) { m.set_low_confidence_below(1.5F); },
             "low_confidence_below: "},
        Case{"score", [](Manifest& m) { m.add_scores()->set_metric("dice"); },
             "scores[0].images: "}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(ManifestTest, RefusesFilesListedTwice) {
  std::string text = GoodText();
  text += "files { name: \"CARD.md\" sha256: \"" + Sha256Hex("") + "\" }\n";
  EXPECT_THAT(ParseManifest(text, "m"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("files[4].name"), HasSubstr("listed twice"))));
}

TEST(ManifestTest, ARecipeListsNoFilesYet) {
  const std::string recipe = test::SmallManifest().DebugString();
  EXPECT_THAT(ParseManifest(recipe, "m", ManifestKind::kRecipe), IsOk());
  EXPECT_THAT(ParseManifest(recipe, "m"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("CARD.md is missing")));
  EXPECT_THAT(ParseManifest(GoodText(), "m", ManifestKind::kRecipe),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("files: must be empty")));
}

TEST(ManifestTest, WritingNamesTheFileThatIsNotThere) {
  EXPECT_THAT(WriteManifest(test::TempFolder().path(), test::SmallManifest(), test::SmallFiles()),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(kCardFile)));
}

}  // namespace
}  // namespace lingula
