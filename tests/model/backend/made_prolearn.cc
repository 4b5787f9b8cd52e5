#include "tests/model/backend/made_prolearn.h"

#include "absl/strings/str_cat.h"
#include "model/backend/write_bundle.h"
#include "model/train/export_bundle.h"
#include "model/train/prolearn_learner.h"
#include "tests/model/nets/formula_fill.h"
#include "tests/model/train/prolearn_data.h"
#include "tests/support/status_matchers.h"

namespace lingula::test {

std::string MakeProlearnBundle(const std::string& repository, const train::v1::Recipe& recipe) {
  torch::manual_seed(11);
  ProlearnLearner learner(recipe);
  ImageCache pictures = TinyPictures();
  for (std::string& report : pictures.reports) {
    report = "one red polyp, located in left of the image";
  }
  EXPECT_THAT(learner.BeginTraining(pictures, false), IsOk());
  FillByFormula(*learner.net(), "model.");
  EXPECT_THAT(ExportBundle(repository, recipe.bundle(), learner), IsOk());
  return BundleFolder(repository, recipe.bundle());
}

}  // namespace lingula::test
