#include "model/train/make_learner.h"

#include "model/train/prolearn_learner.h"
#include "model/train/sgseg_learner.h"

namespace lingula {

absl::StatusOr<std::shared_ptr<Learner>> MakeLearnerOf(const train::v1::Recipe& recipe) {
  return recipe.has_prolearn() ? ProlearnLearner::Make(recipe) : SgsegLearner::Make(recipe);
}

}  // namespace lingula
