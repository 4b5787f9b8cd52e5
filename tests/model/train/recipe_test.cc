#include "model/train/recipe.h"

#include <filesystem>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "model/base/file.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

constexpr char kCompact[] = "model/recipes/cxr-sgseg-compact.textproto";

// The compact recipe with one piece of its text replaced.
absl::Status Parse(const std::string& from, const std::string& to) {
  const std::string text = ReadFile(kCompact).value();
  EXPECT_THAT(text, HasSubstr(from));
  return ParseRecipe(absl::StrReplaceAll(text, {{from, to}}), "r").status();
}

void ExpectRefused(const std::string& from, const std::string& to, const std::string& why) {
  EXPECT_THAT(Parse(from, to), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(why)))
      << from << " -> " << to;
}

TEST(RecipeTest, ShippedOnesAreSound) {
  for (const auto& entry : std::filesystem::directory_iterator("model/recipes")) {
    EXPECT_THAT(ReadRecipe(entry.path().string()).status(), IsOk()) << entry.path();
  }
}

TEST(RecipeTest, EveryMistakeHasItsPlace) {
  constexpr char kText[] =
      "bundle { name: \"a\"\n"
      "  family: FAMILY_SGSEG }\n"
      "schedule { epochs: 0 batch: 1\n"
      "  rate: 2 }\n"
      "losses { dice: -1 zones: 1 }\n"
      "augmentation { zoom: 0.95 colour: 0.5 }\n"
      "bogus: 3\n"
      "sgseg { truth_share: 0.9 withheld_share: 0.2\n"
      "  text { layers: 1 heads: 0 feed_forward: 8 } }\n";
  EXPECT_THAT(
      ParseRecipe(kText, "bad.textproto").status(),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("bad.textproto:1:1: bundle.version"),
                     HasSubstr("bad.textproto:3:12: schedule.epochs: must be in [1, 10000]"),
                     HasSubstr("bad.textproto:3:22: schedule.batch: must be in [2, 4096], got 1"),
                     HasSubstr("bad.textproto:4:3: schedule.rate: must be above 0"),
                     HasSubstr("bad.textproto:5:10: losses.dice: must be in [0, 100], got -1"),
                     HasSubstr("bad.textproto:6:16: augmentation.zoom"),
                     HasSubstr("bad.textproto:6:27: augmentation.colour"),
                     HasSubstr("bad.textproto:7:"), HasSubstr("bogus"),
                     HasSubstr("bad.textproto:8:26: sgseg.withheld_share: must be in [0, 0."),
                     HasSubstr("sgseg.text.heads: must divide bundle.sgseg.report_dim"))));
}

TEST(RecipeTest, SaysWhatIsMissing) {
  EXPECT_THAT(ParseRecipe("", "r").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("r:1:1: bundle: is missing")));
  const std::string text = ReadFile(kCompact).value();
  const size_t schedule = text.find("schedule {"), losses = text.find("losses {");
  EXPECT_THAT(ParseRecipe(text.substr(0, schedule), "r").status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("schedule: is missing"), HasSubstr("losses: is missing"),
                             HasSubstr("sgseg: is missing"))));
  EXPECT_THAT(ParseRecipe(text.substr(0, losses), "r").status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::Not(HasSubstr("schedule: is missing"))));
  ExpectRefused("  text { layers: 2 heads: 4 feed_forward: 256 vocabulary: VOCABULARY_GRAMMAR }",
                "", "sgseg.text: is missing");
  ExpectRefused("FAMILY_SGSEG", "FAMILY_LANGUIDE", "languide: is missing");
}

TEST(RecipeTest, RefusesWhatContradictsItself) {
  ExpectRefused("dice: 0.5 pooled_dice: 1 cross_entropy: 1", "", "has no loss for masks");
  ExpectRefused("coarse: 0.3", "reference_dice_ce: REFERENCE_LOSS_MONAI_1_0_1", "choose one");
  ExpectRefused("FAMILY_SGSEG", "FAMILY_LANGUIDE", "sgseg: does not belong to the family");
  ExpectRefused("FAMILY_SGSEG", "FAMILY_LANGUIDE", "losses.zones: must be 0");
  const uint32_t epochs = ReadRecipe(kCompact)->schedule().epochs();
  ExpectRefused("average: 0.999", absl::StrCat("cosine_epochs: ", epochs - 1),
                absl::StrCat("schedule.cosine_epochs: must be in [", epochs, ","));
  ExpectRefused("average: 0.999", "min_rate: 1e-3", "schedule.min_rate: must be in [0, 0.0004]");
  ExpectRefused("average: 0.999", "min_epochs: 3", "schedule.min_epochs: has no effect");
  ExpectRefused("SELECTION_VALIDATION_DICE", "SELECTION_TRAINING_ACCURACY_AND_DICE",
                "cannot be the training figure when weights are averaged");
  ExpectRefused("elastic: 0.04", "reference_zoom: true", "excludes all other variation");
  ExpectRefused("VOCABULARY_GRAMMAR", "VOCABULARY_GRAMMAR vocabulary_file: \"v\"",
                "excludes vocabulary");
  ExpectRefused("VOCABULARY_GRAMMAR", "VOCABULARY_GRAMMAR frozen: true", "needs start: START_ALL");
  ExpectRefused("report_dim: 128",
                "report_dim: 128 text_encoder { vocabulary: 30 positions: 24 hidden: 128 heads: 4 "
                "layers: 3 feed_forward: 256 }",
                "text_encoder: needs sgseg.text.vocabulary_file");
  ExpectRefused("report_dim: 128",
                "report_dim: 128 text_encoder { vocabulary: 30 positions: 24 hidden: 128 heads: 4 "
                "layers: 3 feed_forward: 256 }",
                "text_encoder.layers: must equal the text tower's, 2, got 3");
  ExpectRefused("location { dim: 128 heads: 4 layers: 1 queries: 6 }",
                "rtdetr { backbone_width: 1 hidden: 256 queries: 300 layers: 6 heads: 8 points: 4 "
                "feed_forward: 1024 classes: 80 }",
                "losses.coarse: must be 0");
}

TEST(RecipeTest, PublishedSettings) {
  const auto recipe = ReadRecipe("model/recipes/sgseg-reference.textproto");
  ASSERT_THAT(recipe, IsOk());
  EXPECT_EQ(recipe->schedule().rate(), 3e-4);
  EXPECT_EQ(recipe->schedule().cosine_epochs(), 200);
  EXPECT_EQ(recipe->losses().reference_dice_ce(), train::v1::REFERENCE_LOSS_MONAI_1_0_1);
  EXPECT_EQ(recipe->sgseg().contrastive_steps(), 20);
  EXPECT_EQ(recipe->sgseg().truth_share(), 1);
  EXPECT_EQ(recipe->schedule().average(), 0);
  EXPECT_TRUE(recipe->augmentation().reference_zoom());
}

TEST(RecipeTest, FilesLieBesideTheRecipe) {
  const test::TempFolder folder;
  std::string text = ReadFile(kCompact).value();
  text = absl::StrReplaceAll(text, {{"vocabulary: VOCABULARY_GRAMMAR", "vocabulary_file: \"v\""}});
  test::Put(folder.path() + "/r.textproto", text);
  const auto recipe = ReadRecipe(folder.path() + "/r.textproto");
  ASSERT_THAT(recipe, IsOk());
  EXPECT_EQ(recipe->sgseg().text().vocabulary_file(), folder.path() + "/v");
}

TEST(RecipeDigestTest, NamesWhatDecidesTheWeights) {
  const auto recipe = ReadRecipe(kCompact).value();
  auto other = recipe;
  other.mutable_bundle()->set_provenance("elsewhere");
  EXPECT_EQ(RecipeDigest(other), RecipeDigest(recipe));
  other.mutable_schedule()->set_epochs(17);
  EXPECT_NE(RecipeDigest(other), RecipeDigest(recipe));
}

}  // namespace
}  // namespace lingula
