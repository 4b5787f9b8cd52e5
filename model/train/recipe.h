// Training recipes: read, checked, and named by a digest.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lingula/train/v1/recipe.pb.h"

namespace lingula {

// Parses and checks a recipe. `file` is for messages. INVALID_ARGUMENT with every mistake, one
// "file:line:column: what" a line: bundle, figures out of range, settings that contradict each
// other, a training part that is not the family's.
absl::StatusOr<train::v1::Recipe> ParseRecipe(absl::string_view text, absl::string_view file);

// The same of a file; paths in the recipe become relative to the working directory.
absl::StatusOr<train::v1::Recipe> ReadRecipe(const std::string& path);

// SHA-256 of all that decides the weights: two recipes that differ in the bundle's texts have the
// same digest.
std::string RecipeDigest(const train::v1::Recipe& recipe);

}  // namespace lingula
