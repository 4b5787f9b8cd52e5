// The learner of a recipe's family.
#pragma once

#include "model/train/learner.h"

namespace lingula {

absl::StatusOr<std::shared_ptr<Learner>> MakeLearnerOf(const train::v1::Recipe& recipe);

}  // namespace lingula
