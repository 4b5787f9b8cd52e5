#include "model/prototypes/caption_tower.h"

#include <gmock/gmock.h>

#include "model/backend/weights.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

CaptionTowerOptions Small() {
  CaptionTowerOptions o;
  o.words = 16;
  o.tokens = 8;
  o.hidden = 8;
  o.heads = 2;
  o.layers = 1;
  o.feed_forward = 16;
  o.response_dim = 6;
  return o;
}

class CaptionTowerTest : public testing::Test {
 protected:
  CaptionTowerTest() {
    torch::manual_seed(1);
    tower_ = CaptionTower(Small());
    tower_->eval();
  }

  const torch::NoGradGuard no_grad_;
  const test::TempFolder folder_;
  const std::string path_ = folder_.path() + "/tower.safetensors";
  CaptionTower tower_{nullptr};
  CaptionWords words_ = CaptionWords::Of({"one red polyp", "two red polyp"}, 16);
};

TEST_F(CaptionTowerTest, EqualCaptionsHaveEqualBits) {
  const auto texts = EmbedCaptions(tower_, words_, {"one red polyp", "two", "one red polyp"});
  ASSERT_THAT(texts.sizes(), ElementsAre(3, 6));
  EXPECT_TRUE(texts[0].equal(texts[2]));
  EXPECT_FALSE(texts[0].equal(texts[1]));
}

TEST_F(CaptionTowerTest, PaddingIsNotRead) {
  const auto ids = torch::tensor({{2, 4, 3, 0, 0, 0, 0, 0}}, torch::kInt64);
  CaptionTowerOptions shorter = Small();
  shorter.tokens = 3;
  CaptionTower other(shorter);
  other->eval();
  auto target = StateOf(*other);
  for (const auto& [name, tensor] : StateOf(*tower_)) {
    target[name].copy_(tensor.dim() == 2 && tensor.size(0) == 8 &&
                               name.find("position") != std::string::npos
                           ? tensor.narrow(0, 0, 3)
                           : tensor);
  }
  EXPECT_TRUE(torch::allclose(tower_(ids), other(ids.narrow(1, 0, 3)), 1e-5, 1e-6));
}

TEST_F(CaptionTowerTest, AFileHoldsAllOfIt) {
  ASSERT_THAT(SaveCaptionTower(path_, tower_, words_), IsOk());
  auto saved = LoadCaptionTower(path_);
  ASSERT_THAT(saved, IsOk());
  EXPECT_EQ(saved->words.Lines(), words_.Lines());
  EXPECT_EQ(saved->tower->options().response_dim, 6);
  const std::vector<std::string> captions = {"two red polyp", "blue"};
  EXPECT_TRUE(EmbedCaptions(saved->tower, saved->words, captions)
                  .equal(EmbedCaptions(tower_, words_, captions)));
}

TEST_F(CaptionTowerTest, OtherFilesAreRefused) {
  EXPECT_THAT(LoadCaptionTower(path_), StatusIs(absl::StatusCode::kNotFound));
  TensorWriter writer;
  writer.Add("x", torch::zeros({2}));
  ASSERT_THAT(writer.Write(path_), IsOk());
  EXPECT_THAT(LoadCaptionTower(path_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not a text tower")));
}

}  // namespace
}  // namespace lingula
