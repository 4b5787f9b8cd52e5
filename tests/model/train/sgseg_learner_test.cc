#include "model/train/sgseg_learner.h"

#include <gmock/gmock.h>

#include "model/backend/weights.h"
#include "model/text/report_grammar.h"
#include "model/train/batches.h"
#include "tests/model/backend/made_bundle.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/model/train/tiny_data.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;

class SgsegLearnerTest : public testing::Test {
 protected:
  std::shared_ptr<SgsegLearner> Make() const {
    torch::manual_seed(3);
    return std::dynamic_pointer_cast<SgsegLearner>(SgsegLearner::Make(recipe_).value());
  }
  TrainBatch Batch() const { return PlainRows(data_, 0, 4, torch::kCPU); }

  train::v1::Recipe recipe_ = test::TinyRecipe(test::TinyManifest());
  const ImageCache data_ = test::TinyData();
  const RunSteps run_{0, 2, 5};
};

bool HasGradient(SgsegLearner& learner, const std::string& name) {
  const auto gradient = learner.named_parameters()[name].grad();
  return gradient.defined() && gradient.abs().sum().item<float>() > 0;
}

TEST_F(SgsegLearnerTest, ContrastiveStepsTeachEncoderAndTowerAlone) {
  recipe_.mutable_sgseg()->set_contrastive_steps(2);
  auto learner = Make();
  const StepLoss first = learner->Loss(Batch(), 1, run_);
  EXPECT_FALSE(first.logits.defined());
  ASSERT_EQ(first.terms.size(), learner->Terms().size());
  EXPECT_TRUE(first.terms.back().defined());
  EXPECT_FALSE(first.terms.front().defined());
  first.total.backward();
  EXPECT_TRUE(HasGradient(*learner, "text.bert.embeddings.word_embeddings.weight"));
  EXPECT_TRUE(HasGradient(*learner, "match.weight"));  // the widths differ
  EXPECT_FALSE(HasGradient(*learner, "net.detector.fc.weight"));

  const StepLoss later = learner->Loss(Batch(), 2, run_);
  EXPECT_EQ(later.logits.sizes(), (std::vector<int64_t>{4, 1, 64, 64}));
  EXPECT_FALSE(later.terms.back().defined());
  later.total.backward();
  EXPECT_TRUE(HasGradient(*learner, "net.detector.fc.weight"));
}

TEST_F(SgsegLearnerTest, PublishedNumberOfContrastiveStepsIsTheDefault) {
  recipe_.mutable_sgseg()->clear_contrastive_steps();
  auto learner = Make();
  EXPECT_FALSE(learner->Loss(Batch(), 19, run_).logits.defined());
  EXPECT_TRUE(learner->Loss(Batch(), 20, run_).logits.defined());
}

TEST_F(SgsegLearnerTest, TruthShareFollowsALine) {
  recipe_.mutable_sgseg()->set_truth_share(0.8);
  EXPECT_DOUBLE_EQ(Make()->TruthShare(9, run_), 0.8);
  recipe_.mutable_sgseg()->set_last_truth_share(0.4);
  auto learner = Make();
  EXPECT_DOUBLE_EQ(learner->TruthShare(1, run_), 0.8);
  EXPECT_DOUBLE_EQ(learner->TruthShare(4, run_), 0.6);  // third of five epochs
  EXPECT_DOUBLE_EQ(learner->TruthShare(9, run_), 0.4);
}

TEST_F(SgsegLearnerTest, SharesDecideWhoGuides) {
  recipe_.mutable_sgseg()->set_guide_scale(1);
  const auto logits = [&](double truth, double withheld) {
    recipe_.mutable_sgseg()->set_truth_share(truth);
    recipe_.mutable_sgseg()->set_withheld_share(withheld);
    auto learner = Make();  // the same weights each time
    learner->eval();
    torch::NoGradGuard no_grad;
    auto made = learner->Loss(Batch(), 0, run_).logits;
    learner->BeginPredicting();
    return std::make_pair(made, learner->Predict(Batch()));
  };
  const auto own = logits(0, 0);
  EXPECT_TRUE(torch::allclose(own.first, own.second.guided, 1e-4, 1e-5));
  const auto nothing = logits(0, 1);
  EXPECT_TRUE(torch::allclose(nothing.first, nothing.second.withheld, 1e-4, 1e-5));
  const auto truth = logits(1, 0);
  EXPECT_FALSE(torch::allclose(truth.first, truth.second.guided, 1e-4, 1e-5));
  EXPECT_FALSE(torch::allclose(truth.first, truth.second.withheld, 1e-4, 1e-5));
}

TEST_F(SgsegLearnerTest, LanguideFollowsTheTrueReport) {
  recipe_.mutable_bundle()->set_family(bundle::v1::FAMILY_LANGUIDE);
  recipe_.mutable_bundle()->mutable_sgseg()->clear_locator();
  // A copy: setting one part of the oneof destroys the other.
  const auto text = recipe_.sgseg().text();
  *recipe_.mutable_languide()->mutable_text() = text;
  recipe_.mutable_losses()->set_zones(0);
  recipe_.mutable_losses()->set_coarse(0);
  recipe_.mutable_languide()->mutable_text()->set_layers(1);
  recipe_.mutable_languide()->mutable_text()->set_heads(2);
  recipe_.mutable_languide()->mutable_text()->set_feed_forward(8);
  auto learner = Make();
  EXPECT_FLOAT_EQ(StateOf(*learner)["net.decoder16.guide_layer.scale"].item<float>(), 1.421F);
  learner->eval();
  torch::NoGradGuard no_grad;
  const StepLoss loss = learner->Loss(Batch(), 0, run_);
  learner->BeginPredicting();
  const LearnerAnswer said = learner->Predict(Batch());
  EXPECT_FALSE(said.zones.defined());
  EXPECT_TRUE(torch::allclose(loss.logits, said.guided, 1e-4, 1e-5));
  EXPECT_FALSE(torch::allclose(said.withheld, said.guided, 1e-4, 1e-5));
}

TEST_F(SgsegLearnerTest, FrozenTowerStands) {
  recipe_.mutable_sgseg()->mutable_text()->set_frozen(true);
  auto learner = Make();
  learner->Loss(Batch(), 0, run_).total.backward();
  EXPECT_FALSE(HasGradient(*learner, "text.bert.embeddings.word_embeddings.weight"));
  EXPECT_TRUE(HasGradient(*learner, "net.decoder16.guide_layer.text_project.2.weight"));
}

TEST_F(SgsegLearnerTest, ReadsReportsThroughAVocabularyFile) {
  const test::TempFolder folder;
  const std::string file = folder.path() + "/vocab.txt";
  recipe_.mutable_sgseg()->mutable_text()->set_vocabulary_file(file);
  EXPECT_THAT(SgsegLearner::Make(recipe_).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("vocab.txt")));
  test::Put(file, "[PAD]\n");
  EXPECT_THAT(SgsegLearner::Make(recipe_).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("vocab.txt")));
  test::Put(file, "[PAD]\n[UNK]\n[CLS]\n[SEP]\ninfection\nlung\nleft\nright\n.\n");
  EXPECT_EQ(Make()->tower().words(), 9);
  recipe_.mutable_bundle()->mutable_sgseg()->mutable_text_encoder()->set_vocabulary(30);
  EXPECT_THAT(SgsegLearner::Make(recipe_).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("has 9 tokens")));
}

TEST_F(SgsegLearnerTest, ReadsEachReportOnce) {
  auto learner = Make();
  learner->eval();
  torch::NoGradGuard no_grad;
  const auto rows = torch::tensor({5, 63, 5, 0}, torch::kInt64);
  const auto reports = learner->tower().Read(rows);
  EXPECT_EQ(reports.hidden.size(0), 3);
  EXPECT_TRUE(torch::allclose(reports.hidden.index_select(0, reports.index),
                              learner->tower().Table().index_select(0, rows), 1e-5, 1e-6));
}

TEST(ReportRowsTest, ReadsZonesAsABinaryNumber) {
  const auto zones = torch::tensor({0.9F, 0.0F, 0.0F, 0.0F, 0.0F, 0.5F,  //
                                    0.1F, 0.6F, 0.49F, 0.0F, 1.0F, 0.0F})
                         .view({2, 6});
  EXPECT_TRUE(ReportRows(zones).equal(torch::tensor({int64_t{33}, int64_t{18}})));
}

}  // namespace
}  // namespace lingula
