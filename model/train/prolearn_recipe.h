// The part of a recipe that trains ProLearn, checked.
#pragma once

#include "lingula/train/v1/recipe.pb.h"
#include "model/bundle/textproto.h"

namespace lingula {

// Notes in `text` every mistake in `recipe.prolearn`; called for recipes that have one.
void CheckProlearnTraining(Textproto& text, const train::v1::Recipe& recipe);

}  // namespace lingula
