#include "model/train/recipe.h"

#include <filesystem>

#include "model/base/file.h"
#include "model/base/status_macros.h"
#include "model/bundle/bundle.h"
#include "model/train/recipe_check.h"

namespace lingula {

using train::v1::Recipe;

absl::StatusOr<Recipe> ParseRecipe(absl::string_view content, absl::string_view file) {
  Recipe recipe;
  Textproto text(content, file, recipe);
  if (text.parsed()) {
    CheckRecipe(text, recipe);
  }
  LINGULA_RETURN_IF_ERROR(text.status());
  return recipe;
}

absl::StatusOr<Recipe> ReadRecipe(const std::string& path) {
  LINGULA_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  LINGULA_ASSIGN_OR_RETURN(Recipe recipe, ParseRecipe(text, path));
  const auto resolve = [&path](train::v1::TextTower& tower) {
    if (!tower.vocabulary_file().empty()) {
      const auto folder = std::filesystem::path(path).parent_path();
      tower.set_vocabulary_file((folder / tower.vocabulary_file()).string());
    }
  };
  if (recipe.has_sgseg()) {
    resolve(*recipe.mutable_sgseg()->mutable_text());
  } else if (recipe.has_languide()) {
    resolve(*recipe.mutable_languide()->mutable_text());
  }
  return recipe;
}

std::string RecipeDigest(const Recipe& recipe) {
  Recipe decisive = recipe;
  bundle::v1::Manifest& bundle = *decisive.mutable_bundle();
  bundle.clear_name();
  bundle.clear_version();
  bundle.clear_license();
  bundle.clear_notice();
  bundle.clear_provenance();
  bundle.clear_golden();
  bundle.clear_threshold();
  bundle.clear_low_confidence_below();
  return Sha256Hex(decisive.SerializeAsString());  // no maps: the same bytes each time
}

}  // namespace lingula
