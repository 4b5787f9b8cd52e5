#include "model/train/start.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/backend/weights.h"
#include "model/train/make_learner.h"
#include "model/train/sgseg_learner.h"
#include "tests/model/backend/made_bundle.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/model/train/prolearn_data.h"
#include "tests/model/train/tiny_data.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;

constexpr char kDetector[] = "net.detector.fc.weight";

class StartTest : public testing::Test {
 protected:
  StartTest() {
    torch::manual_seed(1);
    fresh_ = Make();
    torch::manual_seed(2);
    other_ = Make();
  }
  std::shared_ptr<Learner> Make() const { return SgsegLearner::Make(recipe_).value(); }
  absl::Status Start(const std::string& file, train::v1::Start part) {
    recipe_.set_start(part);
    return StartLearner({file}, recipe_, data_, *fresh_);
  }
  // Whether the fresh learner now has the other's tensor.
  bool Took(const std::string& name) const {
    return StateOf(*fresh_).at(name).equal(StateOf(*other_).at(name));
  }
  std::string Written(const std::string& prefix) const {
    const std::string file = folder_.path() + "/weights.safetensors";
    TensorWriter writer;
    writer.AddState(*other_, prefix);
    EXPECT_THAT(writer.Write(file), IsOk());
    return file;
  }

  train::v1::Recipe recipe_ = test::TinyRecipe(test::TinyManifest());
  const ImageCache data_ = test::TinyData();
  const test::TempFolder folder_;
  std::shared_ptr<Learner> fresh_, other_;
};

TEST_F(StartTest, TakesWhatFitsFromARun) {
  const auto names = StateOf(*fresh_);
  const std::string some =
      std::find_if(names.begin(), names.end(), [](const auto& entry) {
        return entry.first.rfind("net.encoder.", 0) == 0 && entry.second.dim() == 4;
      })->first;
  ASSERT_FALSE(Took(some));
  ASSERT_THAT(Start(Written("average/"), train::v1::START_ENCODER), IsOk());
  EXPECT_TRUE(Took(some));
  EXPECT_FALSE(Took(kDetector));
  ASSERT_THAT(Start(Written("average/"), train::v1::START_DETECTOR), IsOk());
  EXPECT_TRUE(Took(kDetector));
  EXPECT_FALSE(Took("text.bert.embeddings.word_embeddings.weight"));
  ASSERT_THAT(Start(Written(""), train::v1::START_UNSPECIFIED), IsOk());
  for (const auto& [name, tensor] : StateOf(*other_)) {
    EXPECT_TRUE(Took(name)) << name;
  }
}

TEST_F(StartTest, TakesABundle) {
  const std::string bundle = test::MakeBundle(folder_.path(), recipe_.bundle());
  ASSERT_THAT(Start(bundle, train::v1::START_ALL), IsOk());
  const auto weights = SafeTensors::Open(bundle + "/weights.safetensors");
  ASSERT_THAT(weights, IsOk());
  const auto stored = ToTensor(weights->Get("detector.fc.weight").value());
  EXPECT_TRUE(StateOf(*fresh_).at(kDetector).equal(*stored));
}

TEST_F(StartTest, TakesPartsOfAnotherFamily) {
  train::v1::Recipe recipe = test::TinyProlearn();
  const auto& like = recipe_.bundle().sgseg();
  *recipe.mutable_bundle()->mutable_prolearn()->mutable_mobilenet_v2() = like.mobilenet_v2();
  auto& query = *recipe.mutable_bundle()->mutable_prolearn()->mutable_own();
  query.set_dim(like.location().dim());
  query.set_heads(like.location().heads());
  query.set_layers(like.location().layers());
  recipe.set_start(train::v1::START_ALL);
  const auto prolearn = MakeLearnerOf(recipe).value();
  ASSERT_THAT(StartLearner({Written("average/")}, recipe, data_, *prolearn), IsOk());
  const auto state = StateOf(*prolearn);
  size_t encoder = 0, head = 0;
  for (const auto& [name, tensor] : StateOf(*other_)) {
    if (absl::StartsWith(name, "net.encoder.")) {
      EXPECT_TRUE(state.at(absl::StrCat("net.vision_", name.substr(4))).equal(tensor)) << name;
      ++encoder;
    } else if (absl::StartsWith(name, "net.detector.layers.")) {
      EXPECT_TRUE(state.at(absl::StrCat("net.query.", name.substr(13))).equal(tensor)) << name;
      ++head;
    }
  }
  EXPECT_GT(encoder, 100U);
  EXPECT_GT(head, 5U);
}

TEST_F(StartTest, RefusesWhatDoesNotFit) {
  EXPECT_THAT(Start(folder_.path() + "/none", train::v1::START_ALL),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none")));
  const std::string file = folder_.path() + "/file";
  test::Put(file, "something else entirely");
  EXPECT_THAT(Start(file, train::v1::START_ALL),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(file)));
  EXPECT_THAT(Start(Written("elsewhere/"), train::v1::START_ALL),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("none of its tensors")));
  test::Put(file, std::string("\0\0\0\0TFL3", 8));
  EXPECT_THAT(
      Start(file, train::v1::START_DETECTOR),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("wants to start the detector")));
  recipe_.set_start(train::v1::START_ENCODER);
  EXPECT_THAT(StartLearner({}, recipe_, data_, *fresh_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("START_ENCODER, so --start has to give a file")));
}

}  // namespace
}  // namespace lingula
