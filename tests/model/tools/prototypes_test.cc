#include "model/tools/prototypes.h"

#include <cmath>
#include <filesystem>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "absl/strings/str_cat.h"
#include "model/backend/load_engine.h"
#include "model/backend/weights.h"
#include "model/base/file.h"
#include "model/bundle/bundle.h"
#include "model/image/png_file.h"
#include "tests/model/backend/made_prolearn.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/model/train/prolearn_data.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class PrototypesToolTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { torch::set_num_threads(1); }

  PrototypesToolTest() {
    options_.bundle = test::MakeProlearnBundle(folder_.Sub("repository"), test::TinyProlearn());
    options_.out = folder_.Sub("out");
  }

  // Forty pairs in two groups: zones 0 and 3.
  void UseEmbeddings(int64_t query_dim = 16, int64_t response_dim = 16) {
    torch::manual_seed(2);
    const auto group = torch::arange(40).remainder(2).unsqueeze(1).to(torch::kFloat32);
    images_ = torch::randn({40, query_dim}) * 0.1 + group * 4 - 2;
    texts_ = torch::randn({40, response_dim}) * 0.1 - group * 4 + 2;
    labels_ = torch::zeros({40, 6});
    labels_.select(1, 0).copy_(1 - group.squeeze(1));
    labels_.select(1, 3).copy_(group.squeeze(1));
    WriteEmbeddings();
  }
  void WriteEmbeddings() {
    TensorWriter writer;
    writer.Add("images", images_);
    writer.Add("texts", texts_);
    writer.Add("labels", labels_);
    options_.embeddings = folder_.path() + "/pairs.safetensors";
    ASSERT_THAT(writer.Write(options_.embeddings), IsOk());
  }
  // Twelve little pictures whose brightness follows their zone.
  void UseData() {
    std::string csv = "image,mask,zones\n";
    for (int i = 0; i < 12; ++i) {
      const int side = i % 2 * 3;
      cv::Mat picture(40, 40, CV_8UC1);
      for (int at = 0; at < 1600; ++at) {
        picture.data[at] = (at * 7 + i * (side + 1)) % 11 < 5 ? 255 : 0;
      }
      const std::string name = absl::StrCat("picture", i, ".png");
      test::Put(folder_.path() + "/" + name, EncodePng(picture, PngEffort::kFlat).value());
      absl::StrAppend(&csv, name, ",", name, ",", side == 0 ? "100000" : "000100", "\n");
    }
    options_.data = folder_.path() + "/data.csv";
    test::Put(options_.data, csv);
  }
  torch::Tensor MatrixOf(const std::string& bundle) const {
    const auto file = SafeTensors::Open(bundle + "/" + kPrototypesFile).value();
    return ToTensor(file.Get("matrix").value()).value();
  }

  const test::TempFolder folder_;
  PrototypesOptions options_;
  torch::Tensor images_, texts_, labels_;
};

TEST_F(PrototypesToolTest, WritesTheNextVersion) {
  UseEmbeddings();
  const auto report = MakePrototypes(options_);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->bundle, options_.out + "/tiny/4");
  EXPECT_EQ(report->pairs, 40);
  ASSERT_EQ(report->pools.size(), 6U);
  EXPECT_EQ(report->pools[0].pairs, 20);
  EXPECT_EQ(report->pools[0].prototypes, 2);
  EXPECT_EQ(report->pools[1].pairs, 0);
  EXPECT_EQ(report->hits.all.images, 40);
  EXPECT_EQ(report->hits.all.first, 1);  // the groups are far apart
  EXPECT_GT(report->query_us, 0);
  EXPECT_GT(report->retrieval_us, 0);
  const auto bundle = OpenBundle(report->bundle);
  ASSERT_THAT(bundle, IsOk());
  EXPECT_THAT(LoadEngine(*bundle, EngineOptions{Precision::kFloat32}).status(), IsOk());
  EXPECT_TRUE(bundle->manifest.scores().empty());
  EXPECT_THAT(bundle->manifest.provenance(), HasSubstr("fitted anew from 40 of 40 pairs"));
  EXPECT_TRUE(HasEqualLengths(bundle->prototypes->metadata()));
  EXPECT_EQ(bundle->weights.file(), OpenBundle(options_.bundle)->weights.file());
  const auto json = nlohmann::json::parse(ReadFile(options_.out + "/prototypes.json").value());
  EXPECT_EQ(json["pools"][3]["label"], "image right upper");
  EXPECT_EQ(json["hits"]["first"], 1.0);
  EXPECT_THAT(ReadFile(options_.out + "/prototypes.md").value(), HasSubstr("| image left upper |"));
  // A second run would replace a version that may be in use.
  EXPECT_THAT(MakePrototypes(options_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("is a bundle already")));
}

TEST_F(PrototypesToolTest, SeedRuleAndNumberDecideTheMatrix) {
  UseEmbeddings();
  const auto run = [&](const char* out) {
    options_.out = folder_.Sub(out);
    const auto report = MakePrototypes(options_);
    EXPECT_THAT(report, IsOk());
    return MatrixOf(report->bundle);
  };
  const auto first = run("a");
  EXPECT_TRUE(run("b").equal(first));
  options_.rule = PrototypeRule::kNearestMember;
  const auto members = run("c");
  EXPECT_FALSE(members.equal(first));
  EXPECT_TRUE(torch::isclose(OfEqualLength(images_), members[0][0].narrow(0, 0, 16), 1e-5, 1e-5)
                  .all(1)
                  .any()
                  .item<bool>());
  options_.per_label = 3;
  EXPECT_EQ(run("d").sizes(), torch::IntArrayRef({6, 3, 32}));
}

TEST_F(PrototypesToolTest, ClustersTakeThePlaceOfZones) {
  UseEmbeddings();
  options_.labels = PrototypeLabels::kClusters;
  options_.min_cluster_size = 5;
  const auto report = MakePrototypes(options_);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->clusters, 2);
  EXPECT_GT(report->text_silhouette, 0.8);
  EXPECT_EQ(OpenBundle(report->bundle)->manifest.prolearn().labels(), 2U);
  EXPECT_THAT(ToMarkdown(*report),
              AllOf(HasSubstr("2 pools of 2 clusters"), HasSubstr("cluster 1")));
}

TEST_F(PrototypesToolTest, AFractionOfThePairs) {
  UseEmbeddings();
  options_.text_percent = 10;
  auto report = MakePrototypes(options_);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->pairs, 4);
  EXPECT_EQ(report->pairs_there, 40);
  options_.text_percent = 1;  // one pair: its pool repeats it
  options_.out = folder_.Sub("one");
  report = MakePrototypes(options_);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->pairs, 1);
  const auto matrix = MatrixOf(report->bundle);
  const auto filled = matrix.abs().sum(2).gt(0).sum().item<int64_t>();
  EXPECT_EQ(filled, 2);
  options_.text_percent = 0;
  EXPECT_THAT(MakePrototypes(options_), StatusIs(kInvalid, HasSubstr("--text-fraction")));
}

TEST_F(PrototypesToolTest, RefusesEmbeddingsThatDoNotFit) {
  UseEmbeddings(15);
  EXPECT_THAT(MakePrototypes(options_),
              StatusIs(kInvalid, HasSubstr("images has the shape [40, 15], needs [pairs, 16]")));
  UseEmbeddings();
  texts_ = texts_.narrow(0, 0, 39).contiguous();
  WriteEmbeddings();
  EXPECT_THAT(MakePrototypes(options_), StatusIs(kInvalid, HasSubstr("40 images, 39 texts")));
  UseEmbeddings();
  images_[3][3] = std::nan("");
  WriteEmbeddings();
  EXPECT_THAT(MakePrototypes(options_), StatusIs(kInvalid, HasSubstr("not finite")));
  UseEmbeddings();
  labels_.zero_();
  WriteEmbeddings();
  EXPECT_THAT(MakePrototypes(options_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("nothing to pool")));
}

TEST_F(PrototypesToolTest, EmbedsADataManifestAndGoesOnFromWhatIsThere) {
  UseData();
  const auto first = MakePrototypes(options_);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->pairs, 12);
  EXPECT_EQ(first->hits_on, "data");
  const std::string kept = options_.out + "/embeddings.safetensors";
  const auto time = std::filesystem::last_write_time(kept);
  const auto matrix = MatrixOf(first->bundle);
  std::filesystem::remove_all(options_.out + "/tiny");
  options_.resume = true;
  const auto second = MakePrototypes(options_);
  ASSERT_THAT(second, IsOk());
  EXPECT_TRUE(MatrixOf(second->bundle).equal(matrix));
  EXPECT_EQ(std::filesystem::last_write_time(kept), time);
  // Vectors and nothing else: no words, no names.
  const std::string bytes = ReadFile(kept).value();
  EXPECT_THAT(bytes, AllOf(Not(HasSubstr("picture")), Not(HasSubstr("infection"))));
  UseEmbeddings();
  std::filesystem::copy_file(options_.embeddings, kept,
                             std::filesystem::copy_options::overwrite_existing);
  options_.embeddings.clear();
  EXPECT_THAT(MakePrototypes(options_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("other weights or data")));
}

TEST_F(PrototypesToolTest, HitsOnOtherImages) {
  UseData();
  options_.validation = options_.data;
  const auto report = MakePrototypes(options_);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->hits.all.images, 12);
}

TEST_F(PrototypesToolTest, SaysWhatIsMissing) {
  EXPECT_THAT(MakePrototypes(options_), StatusIs(kInvalid, HasSubstr("no pairs")));
  UseData();
  std::filesystem::remove(folder_.path() + "/repository/text_tower.safetensors");
  EXPECT_THAT(MakePrototypes(options_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("--text-tower")));
  options_.bundle = folder_.path() + "/nothing/1";
  EXPECT_THAT(MakePrototypes(options_), Not(IsOk()));
}

}  // namespace
}  // namespace lingula
