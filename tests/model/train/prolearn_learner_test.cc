#include "model/train/prolearn_learner.h"

#include <cmath>
#include <filesystem>

#include <gmock/gmock.h>

#include "model/backend/load_engine.h"
#include "model/backend/weights.h"
#include "model/base/file.h"
#include "model/bundle/bundle.h"
#include "model/prototypes/caption_tower.h"
#include "model/train/batches.h"
#include "model/train/make_learner.h"
#include "model/train/mask_loss.h"
#include "model/train/trainer.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/model/train/prolearn_data.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;

class ProlearnLearnerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { torch::set_num_threads(1); }

  std::shared_ptr<ProlearnLearner> Begun() {
    torch::manual_seed(3);
    auto learner = std::make_shared<ProlearnLearner>(recipe_);
    EXPECT_THAT(learner->BeginTraining(data_, false), IsOk());
    run_.per_epoch = 3;
    run_.lead = learner->LeadSteps(run_.per_epoch);
    run_.epochs = 2;
    return learner;
  }
  TrainBatch Batch(int64_t from, int64_t count) const {
    return PlainRows(data_, from, count, torch::kCPU);
  }
  torch::Tensor TermOf(const ProlearnLearner& learner, const StepLoss& loss,
                       const std::string& name) const {
    const auto terms = learner.Terms();
    const auto found = std::find(terms.begin(), terms.end(), name);
    EXPECT_NE(found, terms.end()) << name;
    return loss.terms[found - terms.begin()];
  }
  absl::Status Run(const std::string& out, bool resume = false, int64_t stop_after = 0) const {
    TrainOptions options;
    options.out = folder_.Sub(out);
    options.seed = 5;
    options.bf16 = false;
    options.resume = resume;
    options.stop_after = stop_after;
    return Train(recipe_, MakeLearnerOf, data_, data_, options);
  }
  std::string Bytes(const std::string& file) const {
    return ReadFile(folder_.path() + "/" + file).value();
  }
  void UseSentences() {
    data_.has_zones.zero_();
    data_.zones.zero_();
    for (size_t i = 0; i < data_.reports.size(); ++i) {
      data_.reports[i] = i % 2 == 0 ? "one polyp, located in left of the image" : "two red polyps";
    }
    recipe_.mutable_prolearn()->set_labels(train::v1::PAIR_LABELS_CLUSTERS);
    recipe_.mutable_prolearn()->set_min_cluster_size(2);
    recipe_.mutable_bundle()->set_modality(bundle::v1::MODALITY_ENDOSCOPY);
  }

  train::v1::Recipe recipe_ = test::TinyProlearn();
  ImageCache data_ = test::TinyPictures();
  RunSteps run_;
  const test::TempFolder folder_;
};

TEST_F(ProlearnLearnerTest, TheLeadTrainsQueryAndTowerAndNoMask) {
  const auto learner = Begun();
  EXPECT_EQ(run_.lead, 3);
  learner->train();
  const StepLoss loss = learner->Loss(Batch(0, 4), 0, run_);
  EXPECT_FALSE(loss.logits.defined());
  EXPECT_TRUE(TermOf(*learner, loss, "matching").defined());
  loss.total.backward();
  for (const auto& item : learner->named_parameters()) {
    const std::string& name = item.key();
    const bool learns = name.rfind("net.vision_encoder.", 0) == 0 ||
                        name.rfind("net.query.", 0) == 0 || name.rfind("text.", 0) == 0 ||
                        name.rfind("match.", 0) == 0 || name.rfind("labels.", 0) == 0 ||
                        name.rfind("coarse.", 0) == 0;
    EXPECT_EQ(item.value().grad().defined(), learns) << name;
  }
}

TEST_F(ProlearnLearnerTest, AfterTheLeadTheTowerStandsStill) {
  const auto learner = Begun();
  learner->train();
  ASSERT_THAT(learner->EndEpoch(data_, *learner, run_.lead, run_), IsOk());
  EXPECT_TRUE(learner->is_training());
  const StepLoss loss = learner->Loss(Batch(0, 4), run_.lead, run_);
  EXPECT_EQ(loss.logits.sizes(), torch::IntArrayRef({4, 1, 64, 64}));
  EXPECT_EQ(loss.terms.size(), learner->Terms().size());
  EXPECT_FALSE(TermOf(*learner, loss, "matching").defined());
  loss.total.backward();
  for (const auto& item : learner->named_parameters()) {
    const bool tower = item.key().rfind("text.", 0) == 0 || item.key().rfind("match.", 0) == 0 ||
                       item.key() == "net.prototype.matrix";
    EXPECT_EQ(item.value().grad().defined(), !tower) << item.key();
  }
}

// Prototypes follow from the pairs: those of the memory for the network in training, those of a
// clean pass for the average.
TEST_F(ProlearnLearnerTest, PrototypesAreFittedAnewAtTheEndOfAnEpoch) {
  const auto learner = Begun(), average = Begun();
  learner->train();
  average->eval();
  ASSERT_THAT(learner->EndEpoch(data_, *average, run_.lead, run_), IsOk());
  const auto first = learner->net()->matrix().clone();
  EXPECT_TRUE(first.equal(average->net()->matrix()));
  // Zones 0 and 3 have pairs; the others answer with zeros.
  EXPECT_GT(first[0].abs().min().item<float>(), 0);
  EXPECT_EQ(first[1].abs().max().item<float>(), 0);
  // Halves of equal length: no mean is longer.
  const float longest = std::sqrt(16.0F) + 1e-3F;
  EXPECT_LE(first.narrow(2, 0, 16).norm(2, 2).max().item<float>(), longest);
  EXPECT_LE(first.narrow(2, 16, 16).norm(2, 2).max().item<float>(), longest);

  for (int64_t step = run_.lead; step < run_.lead + 2; ++step) {
    learner->Loss(Batch(4 * (step - run_.lead), 4), step, run_);
  }
  ASSERT_THAT(learner->EndEpoch(data_, *average, run_.lead + 3, run_), IsOk());
  EXPECT_FALSE(learner->net()->matrix().equal(first));
  EXPECT_FALSE(learner->net()->matrix().equal(average->net()->matrix()));
}

TEST_F(ProlearnLearnerTest, FixedPrototypesStay) {
  recipe_.mutable_prolearn()->set_course(train::v1::PROTOTYPE_COURSE_FIXED);
  const auto learner = Begun();
  ASSERT_THAT(learner->EndEpoch(data_, *learner, run_.lead, run_), IsOk());
  const auto first = learner->net()->matrix().clone();
  learner->train();
  learner->Loss(Batch(0, 8), run_.lead, run_);
  ASSERT_THAT(learner->EndEpoch(data_, *learner, run_.lead + 3, run_), IsOk());
  EXPECT_TRUE(learner->net()->matrix().equal(first));
}

TEST_F(ProlearnLearnerTest, LearnedTextHalvesGetGradientsAndAreExported) {
  recipe_.mutable_prolearn()->set_course(train::v1::PROTOTYPE_COURSE_LEARNED);
  recipe_.mutable_prolearn()->clear_withheld_share();
  const auto learner = Begun();
  ASSERT_THAT(learner->EndEpoch(data_, *learner, run_.lead, run_), IsOk());
  learner->train();
  learner->Loss(Batch(0, 8), run_.lead, run_).total.backward();
  auto shift = learner->named_parameters()["shift"];
  ASSERT_TRUE(shift.grad().defined());
  EXPECT_GT(shift.grad().abs().max().item<float>(), 0);
  const torch::NoGradGuard no_grad;
  shift.fill_(0.25);
  learner->eval();
  bundle::v1::Manifest manifest = recipe_.bundle();
  const std::string folder = folder_.Sub("out/tiny/3");
  ASSERT_THAT(learner->Export(folder, manifest), IsOk());
  const auto file = SafeTensors::Open(folder + "/" + kPrototypesFile);
  ASSERT_THAT(file, IsOk());
  const auto matrix = ToTensor(file->Get("matrix").value()).value();
  EXPECT_TRUE(matrix.narrow(2, 0, 16).equal(learner->net()->matrix().narrow(2, 0, 16)));
  EXPECT_TRUE(matrix.narrow(2, 16, 16).equal(learner->net()->matrix().narrow(2, 16, 16) + 0.25));
}

TEST_F(ProlearnLearnerTest, OnlyPairsWithCaptionsTeach) {
  recipe_.mutable_prolearn()->set_text_fraction(0.25);  // two of eight
  recipe_.mutable_prolearn()->set_truth_share(1);
  recipe_.mutable_prolearn()->set_withheld_share(0);
  const auto learner = Begun();
  learner->train();
  const StepLoss lead = learner->Loss(Batch(0, 8), 0, run_);  // draws anew among the two
  EXPECT_TRUE(TermOf(*learner, lead, "pair").defined());
  ASSERT_THAT(learner->EndEpoch(data_, *learner, run_.lead, run_), IsOk());
  const auto captions = PairCaptions::Of(data_, recipe_);
  ASSERT_THAT(captions, IsOk());
  for (int64_t row = 0; row < 8; ++row) {
    const StepLoss loss = learner->Loss(Batch(row, 1), run_.lead, run_);
    const bool told = row == captions->rows()[0] || row == captions->rows()[1];
    EXPECT_EQ(TermOf(*learner, loss, "label_entropy").defined(), told) << row;
    EXPECT_EQ(TermOf(*learner, loss, "first_hits").defined(), told) << row;
    EXPECT_FALSE(TermOf(*learner, loss, "pair").defined()) << row;  // alone
  }
}

TEST_F(ProlearnLearnerTest, GuidanceReachesTheMaskAndCanBeWithheld) {
  const auto learner = Begun();
  ASSERT_THAT(learner->EndEpoch(data_, *learner, run_.lead, run_), IsOk());
  learner->eval();
  const torch::NoGradGuard no_grad;
  const LearnerAnswer before = learner->Predict(Batch(0, 4));
  EXPECT_EQ(before.zones.sizes(), torch::IntArrayRef({4, 6}));
  EXPECT_GT((before.guided - before.withheld).abs().max().item<float>(), 1e-4);
  learner->net()->matrix().narrow(2, 16, 16).neg_();  // other answers
  const LearnerAnswer after = learner->Predict(Batch(0, 4));
  EXPECT_GT((after.guided - before.guided).abs().max().item<float>(), 1e-4);
  EXPECT_TRUE(after.withheld.equal(before.withheld));
}

TEST_F(ProlearnLearnerTest, ResumedRunEqualsAnUninterruptedOne) {
  ASSERT_THAT(Run("whole"), IsOk());
  ASSERT_THAT(Run("parts", false, 2), IsOk());  // in the lead
  ASSERT_THAT(Run("parts", true, 5), IsOk());   // in the first epoch
  ASSERT_THAT(Run("parts", true, 6), IsOk());   // at its end
  ASSERT_THAT(Run("parts", true), IsOk());
  for (const char* file : {"last.safetensors", "best.safetensors", "text_tower.safetensors",
                           "tiny/3/weights.safetensors", "tiny/3/prototypes.safetensors"}) {
    EXPECT_EQ(Bytes(std::string("parts/") + file), Bytes(std::string("whole/") + file)) << file;
  }
}

TEST_F(ProlearnLearnerTest, ResumedRunOfClustersEqualsAnUninterruptedOne) {
  UseSentences();
  ASSERT_THAT(Run("whole"), IsOk());
  ASSERT_THAT(Run("parts", false, 5), IsOk());
  ASSERT_THAT(Run("parts", true), IsOk());
  EXPECT_EQ(Bytes("parts/last.safetensors"), Bytes("whole/last.safetensors"));
  EXPECT_EQ(Bytes("parts/best.safetensors"), Bytes("whole/best.safetensors"));
  const auto bundle = OpenBundle(folder_.path() + "/parts/tiny/3");
  ASSERT_THAT(bundle, IsOk());
  EXPECT_EQ(bundle->manifest.prolearn().labels(), 2U);  // of six that might have been
  EXPECT_THAT(LoadEngine(*bundle, EngineOptions{Precision::kFloat32}).status(), IsOk());
}

TEST_F(ProlearnLearnerTest, WritesABundleThatLoadsAndATower) {
  ASSERT_THAT(Run("out"), IsOk());
  const auto bundle = OpenBundle(folder_.path() + "/out/tiny/3");
  ASSERT_THAT(bundle, IsOk());
  EXPECT_THAT(LoadEngine(*bundle, EngineOptions{Precision::kFloat32}).status(), IsOk());
  EXPECT_TRUE(HasEqualLengths(bundle->prototypes->metadata()));
  const auto tower = LoadCaptionTower(folder_.path() + "/out/text_tower.safetensors");
  ASSERT_THAT(tower, IsOk());
  EXPECT_EQ(tower->tower->options().response_dim, 16);
  EXPECT_THAT(tower->words.Lines(), HasSubstr("infection"));
}

TEST_F(ProlearnLearnerTest, PublishedFormWithATowerOfItsOwn) {
  auto& network = *recipe_.mutable_bundle()->mutable_prolearn();
  auto& vit = *network.mutable_vit();
  vit.set_patch(16);
  vit.set_dim(16);
  vit.set_depth(1);
  vit.set_heads(2);
  vit.set_feed_forward(32);
  auto& p = *recipe_.mutable_prolearn();
  p.clear_pair_weight();
  p.clear_coarse_weight();
  p.set_course(train::v1::PROTOTYPE_COURSE_FIXED);
  p.set_plain_products(true);
  p.set_fixed_matching_head(true);
  for (const bool cached : {true, false}) {
    p.set_cached_queries(cached);
    const auto learner = Begun();
    learner->train();
    learner->Loss(Batch(0, 4), 0, run_).total.backward();
    const auto parameters = learner->named_parameters();
    EXPECT_TRUE(parameters["net.prototype.encoder.model.visual.head.proj.weight"].grad().defined());
    EXPECT_FALSE(parameters["net.prototype.encoder.model.visual.trunk.cls_token"].grad().defined());
    EXPECT_FALSE(parameters["match.0.weight"].requires_grad());
    ASSERT_THAT(learner->EndEpoch(data_, *learner, run_.lead, run_), IsOk());
    const StepLoss loss = learner->Loss(Batch(0, 4), run_.lead, run_);
    EXPECT_TRUE(std::isfinite(loss.total.item<float>()));
    EXPECT_TRUE(TermOf(*learner, loss, "first_hits").defined());
  }
}

TEST_F(ProlearnLearnerTest, NoClusterEndsTheRunWithAReason) {
  UseSentences();
  recipe_.mutable_prolearn()->set_min_cluster_size(7);
  EXPECT_THAT(Run("out"), StatusIs(absl::StatusCode::kFailedPrecondition,
                                   HasSubstr("min_cluster_size than 7")));
}

}  // namespace
}  // namespace lingula
