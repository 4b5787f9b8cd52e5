// Whole bundles of the ProLearn family with made-up weights.
#pragma once

#include <string>

#include "lingula/train/v1/recipe.pb.h"

namespace lingula::test {

// Fills network and prototypes by formula and exports them as training would. Returns the bundle's
// folder; <repository>/text_tower.safetensors is the captions' tower.
std::string MakeProlearnBundle(const std::string& repository, const train::v1::Recipe& recipe);

}  // namespace lingula::test
