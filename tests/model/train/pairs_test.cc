// Captions, labels and the memory of training pairs.
#include <gmock/gmock.h>

#include "model/train/pair_captions.h"
#include "model/train/pair_labels.h"
#include "model/train/pair_memory.h"
#include "tests/model/train/prolearn_data.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TrainBatch BatchOf(const ImageCache& data, std::vector<int64_t> rows) {
  TrainBatch batch;
  batch.rows = torch::tensor(rows, torch::kInt64);
  batch.zones = data.zones.index_select(0, batch.rows);
  return batch;
}

TEST(PairCaptionsTest, FlippedZonesHaveTheirReport) {
  const ImageCache data = test::TinyPictures();
  const auto captions = PairCaptions::Of(data, test::TinyProlearn());
  ASSERT_THAT(captions, IsOk());
  EXPECT_TRUE(captions->all());
  EXPECT_EQ(captions->captions()[0],
            "unilateral pulmonary infection, one infected area, upper left lung.");
  TrainBatch batch = BatchOf(data, {0});
  batch.zones = torch::roll(batch.zones, 3, 1);
  EXPECT_THAT(captions->For(batch),
              ElementsAre("unilateral pulmonary infection, one infected area, upper right lung."));
}

class FreeCaptionsTest : public testing::Test {
 protected:
  FreeCaptionsTest() {
    data_.has_zones.zero_();
    data_.zones.zero_();
    for (size_t i = 0; i < 6; ++i) {  // two have none
      data_.reports[i] = i % 2 == 0 ? "one polyp, located in left of the image" : "two polyps";
    }
    recipe_.mutable_prolearn()->set_labels(train::v1::PAIR_LABELS_CLUSTERS);
  }

  ImageCache data_ = test::TinyPictures();
  train::v1::Recipe recipe_ = test::TinyProlearn();
};

TEST_F(FreeCaptionsTest, PlacesTurnWithTheImage) {
  const auto captions = PairCaptions::Of(data_, recipe_);
  ASSERT_THAT(captions, IsOk());
  EXPECT_FALSE(captions->all());
  EXPECT_THAT(captions->rows(), ElementsAre(0, 1, 2, 3, 4, 5));
  TrainBatch batch = BatchOf(data_, {7, 4, 1});
  EXPECT_THAT(captions->For(batch),
              ElementsAre("", "one polyp, located in left of the image", "two polyps"));
  // The last axis holds rows, since the network swaps them: only its reversal upends the picture.
  batch.turns = torch::eye(2).repeat({3, 1, 1});
  batch.turns.select(1, 0).select(1, 0).fill_(-1);
  EXPECT_EQ(captions->For(batch)[1], "one polyp, located in left of the image");
  batch.turns.select(1, 1).select(1, 1).fill_(-1);
  EXPECT_EQ(captions->For(batch)[1], "one polyp, located in right of the image");
}

TEST_F(FreeCaptionsTest, AsWrittenStays) {
  recipe_.mutable_prolearn()->set_captions(train::v1::CAPTIONS_AS_WRITTEN);
  const auto captions = PairCaptions::Of(data_, recipe_);
  ASSERT_THAT(captions, IsOk());
  TrainBatch batch = BatchOf(data_, {4});
  batch.turns = -torch::eye(2).unsqueeze(0);
  EXPECT_THAT(captions->For(batch), ElementsAre("one polyp, located in left of the image"));
}

TEST_F(FreeCaptionsTest, AFractionIsChosenBySeed) {
  recipe_.mutable_prolearn()->set_text_fraction(0.5);
  const auto half = PairCaptions::Of(data_, recipe_);
  ASSERT_THAT(half, IsOk());
  EXPECT_THAT(half->rows(), SizeIs(3));
  EXPECT_EQ(half->rows(), PairCaptions::Of(data_, recipe_)->rows());
  bool other = false;
  for (uint64_t seed = 1; seed < 5; ++seed) {
    other |= PairCaptions::Of(data_, recipe_, seed)->rows() != half->rows();
  }
  EXPECT_TRUE(other);
  recipe_.mutable_prolearn()->set_text_fraction(0.01);
  EXPECT_THAT(PairCaptions::Of(data_, recipe_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1 of 8 training images")));
}

TEST_F(FreeCaptionsTest, LabelsThatAreZonesNeedZones) {
  recipe_.mutable_prolearn()->set_labels(train::v1::PAIR_LABELS_ZONES);
  EXPECT_THAT(PairCaptions::Of(data_, recipe_), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(PairLabellerTest, ZonesOfTheBatch) {
  const ImageCache data = test::TinyPictures();
  TrainBatch batch = BatchOf(data, {0, 7, 1});
  batch.zones[1][5] = 1;
  EXPECT_THAT(PairLabeller().For(batch, {"a", "b", ""}, torch::zeros({3, 4})),
              ElementsAre(LabelSet{0}, LabelSet{3, 5}, LabelSet{}));
  EXPECT_EQ(PairLabeller().count(), 6);
}

TEST(PairLabellerTest, ClustersOfTexts) {
  train::v1::Recipe recipe = test::TinyProlearn();
  recipe.mutable_prolearn()->set_labels(train::v1::PAIR_LABELS_CLUSTERS);
  recipe.mutable_prolearn()->set_min_cluster_size(3);
  const auto texts = torch::tensor({0.0F, 0.1F, 0.2F, 0.3F, 9.0F, 9.1F, 9.2F, 50.0F}).unsqueeze(1);
  for (const bool leave_out : {false, true}) {
    recipe.mutable_prolearn()->set_leave_out_noise(leave_out);
    const auto labeller = PairLabeller::OfClusters(texts, recipe);
    ASSERT_THAT(labeller, IsOk());
    EXPECT_EQ(labeller->count(), 2);
    EXPECT_THAT(labeller->Describe(), HasSubstr("1 of 8 captions were noise"));
    TrainBatch batch = BatchOf(test::TinyPictures(), {0, 1, 2, 3});
    const auto labels = labeller->For(batch, {"a", "b", "c", ""},
                                      torch::tensor({0.2F, 8.0F, 51.0F, 0.0F}).unsqueeze(1));
    EXPECT_THAT(labels[0], ElementsAre(0));
    EXPECT_THAT(labels[1], ElementsAre(1));
    EXPECT_THAT(labels[2], leave_out ? LabelSet{} : LabelSet{1});
    EXPECT_THAT(labels[3], IsEmpty());
  }
  recipe.mutable_prolearn()->set_min_cluster_size(9);
  EXPECT_THAT(PairLabeller::OfClusters(texts, recipe).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("8 captions are fewer than the smallest cluster, 9")));
}

TEST(PairLabellerTest, BitsAndBack) {
  const std::vector<LabelSet> labels = {{0, 2}, {}, {1}};
  const auto bits = LabelBits(labels, 3);
  EXPECT_TRUE(
      bits.equal(torch::tensor({{1.0F, 0.0F, 1.0F}, {0.0F, 0.0F, 0.0F}, {0.0F, 1.0F, 0.0F}})));
  EXPECT_EQ(LabelSets(bits.to(torch::kUInt8)), labels);
}

TEST(PairMemoryTest, KeepsTheNewestPairsThatHaveLabels) {
  PairMemory memory(4, 1, 2, 3);
  const auto add = [&](std::vector<float> values, const std::vector<LabelSet>& labels) {
    const auto queries = torch::tensor(values).unsqueeze(1);
    memory->Add(queries, queries.expand({-1, 2}), labels);
  };
  EXPECT_EQ(memory->Newest(9).size(), 0);
  add({1, 2, 3}, {{0}, {}, {1}});
  PairSet pairs = memory->Newest(9);
  EXPECT_TRUE(pairs.queries.equal(torch::tensor({{1.0F}, {3.0F}})));
  EXPECT_THAT(pairs.labels, ElementsAre(LabelSet{0}, LabelSet{1}));
  add({4, 5, 6}, {{2}, {0, 1}, {2}});
  pairs = memory->Newest(9);  // the oldest had to go
  EXPECT_TRUE(pairs.queries.equal(torch::tensor({{3.0F}, {4.0F}, {5.0F}, {6.0F}})));
  EXPECT_TRUE(pairs.texts.equal(pairs.queries.expand({-1, 2})));
  EXPECT_THAT(pairs.labels, ElementsAre(LabelSet{1}, LabelSet{2}, LabelSet{0, 1}, LabelSet{2}));
  EXPECT_TRUE(memory->Newest(2).queries.equal(torch::tensor({{5.0F}, {6.0F}})));
  memory->Clear();
  EXPECT_EQ(memory->Newest(9).size(), 0);
}

}  // namespace
}  // namespace lingula
