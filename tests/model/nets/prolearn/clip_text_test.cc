#include "model/nets/prolearn/clip_text.h"

#include <gmock/gmock.h>

#include "tests/model/nets/formula_fill.h"

namespace lingula {
namespace {

using test::FillByFormula;
using test::MaxDifference;
using testing::ElementsAre;

ClipTextOptions SmallOptions() {
  ClipTextOptions options;
  options.bert.vocabulary = 20;
  options.bert.positions = 8;
  options.bert.hidden = 16;
  options.bert.heads = 4;
  options.bert.layers = 2;
  options.bert.feed_forward = 32;
  options.hidden = 12;
  options.dim = 6;
  return options;
}

class ClipTextTest : public testing::Test {
 protected:
  ClipTextTest() { FillByFormula(*text_, "text."); }

  torch::NoGradGuard no_grad_;
  ClipText text_{SmallOptions()};
};

TEST_F(ClipTextTest, NamesHaveNoRoot) {
  const auto names = text_->named_parameters();
  EXPECT_TRUE(names.contains("transformer.embeddings.word_embeddings.weight"));
  EXPECT_TRUE(names.contains("transformer.encoder.layer.1.attention.self.query.bias"));
  EXPECT_TRUE(names.contains("proj.0.weight"));
  EXPECT_TRUE(names.contains("proj.2.weight"));
  EXPECT_FALSE(names.contains("proj.2.bias"));
  BertOptions rooted = SmallOptions().bert;
  rooted.root = BertOptions().root;
  EXPECT_TRUE(Bert(rooted)->named_parameters().contains("bert.encoder.layer.0.output.dense.bias"));
}

TEST_F(ClipTextTest, ProjectsTheFirstRow) {
  torch::Tensor hidden;
  const auto ids = torch::tensor({{2, 5, 9, 3}, {2, 7, 3, 0}}, torch::kInt64);
  const auto embedding = text_(ids, [&](const std::string& name, const torch::Tensor& value) {
    EXPECT_EQ(name, "hidden");
    hidden = value;
  });
  ASSERT_THAT(embedding.sizes(), ElementsAre(2, 6));
  const auto p = text_->named_parameters();
  const auto first = torch::gelu(hidden.select(1, 0).matmul(p["proj.0.weight"].t()));
  EXPECT_LE(MaxDifference(embedding, first.matmul(p["proj.2.weight"].t())), 1e-5);
}

TEST_F(ClipTextTest, PaddingChangesNothing) {
  const auto brief = text_(torch::tensor({{2, 5, 9, 3}}, torch::kInt64));
  const auto padded = text_(torch::tensor({{2, 5, 9, 3, 0, 0, 0, 0}}, torch::kInt64));
  EXPECT_LE(MaxDifference(brief, padded), 1e-5);
  EXPECT_GT(MaxDifference(brief, text_(torch::tensor({{2, 5, 9, 3, 4}}, torch::kInt64))), 1e-3);
}

}  // namespace
}  // namespace lingula
