// What is checked in a recipe.
#pragma once

#include "absl/strings/string_view.h"
#include "lingula/train/v1/recipe.pb.h"
#include "model/bundle/textproto.h"

namespace lingula {

inline constexpr int kMaxEpochs = 10000;
inline constexpr double kMaxWeight = 100;  // of a loss

// Notes in `text` every mistake of a recipe.
void CheckRecipe(Textproto& text, const train::v1::Recipe& recipe);

// Problem "must be in [low, high], got value" unless it is; NaN never is.
void CheckFigure(Textproto& text, absl::string_view field, double value, double low, double high);

}  // namespace lingula
