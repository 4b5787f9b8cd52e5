// The published networks as a hospital would bring them: a checkpoint as Python writes it,
// imported, served through a real port, asked with PNG files. Weights come from a formula, so that
// the masks must equal those which the published code gave for them (tests/golden/parity).
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lingula/v1/segmentation.grpc.pb.h"
#include "model/backend/load_engine.h"
#include "model/backend/weights.h"
#include "model/base/file.h"
#include "model/image/mask.h"
#include "model/tools/import.h"
#include "server/server.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/model/tools/python_checkpoint.h"
#include "tests/support/status_matchers.h"

namespace lingula::test {
namespace {

constexpr char kGolden[] = "tests/golden/parity/";

struct Published {
  bundle::v1::Family family;
  FormulaFamily formula;
  const char* name;
  // Parts of a checkpoint that may be left out, to save time: no network uses them.
  const char* unused;
};

std::string Import(const Published& published, const std::string& folder) {
  ImportOptions options;
  options.checkpoint = folder + "/published.ckpt";
  options.out = folder;
  options.manifest = PublishedManifest(published.family);
  options.manifest.set_name(published.name);
  options.manifest.set_license("CC0-1.0");
  options.manifest.set_notice("Research use only.");
  options.manifest.set_provenance("made by a test");
  WritePythonCheckpoint(options.checkpoint,
                        FormulaState(absl::StrCat(kGolden, published.name, ".keys"),
                                     Formula(Formula::kPublishedSalt, published.formula),
                                     [&](const std::string& key) {
                                       return !absl::StartsWith(key, published.unused);
                                     }),
                        published.family != bundle::v1::FAMILY_PROLEARN);
  const auto receipt = ImportBundle(options, [](const std::string&) {});
  EXPECT_THAT(receipt, IsOk());
  std::filesystem::remove(options.checkpoint);
  return receipt.ok() ? receipt->folder : "";
}

// A server for one bundle.
class Serving {
 public:
  explicit Serving(const std::string& folder) {
    auto bundle = OpenBundle(folder);
    EXPECT_THAT(bundle, IsOk());
    auto engine = LoadEngine(*bundle, {Precision::kFloat32, 1});
    EXPECT_THAT(engine, IsOk());
    ServerConfig config;
    config.port = 0;
    config.metrics_port = 0;
    std::vector<ModelSource> models;
    models.push_back(SourceFrom(*bundle, *std::move(engine)).value());
    server_ = *Server::Start(config, std::move(models));
    stub_ = v1::Segmentation::NewStub(grpc::CreateChannel(
        absl::StrCat("127.0.0.1:", server_->port()), grpc::InsecureChannelCredentials()));
  }
  v1::SegmentResponse Ask(v1::SegmentRequest request, int picture) {
    request.mutable_image()->set_encoded(
        *ReadFile(absl::StrCat("tests/golden/preprocess/synthetic", picture, ".png")));
    request.add_mask_formats(v1::MASK_FORMAT_COCO_RLE);
    request.set_want_location_text(true);
    grpc::ClientContext context;
    v1::SegmentResponse response;
    const grpc::Status status = stub_->Segment(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

 private:
  std::unique_ptr<Server> server_;
  std::unique_ptr<v1::Segmentation::Stub> stub_;
};

// Pixels at which the answer's mask and the recorded probabilities disagree. The reference network
// sees [x, y].
int64_t WrongPixels(const v1::SegmentResponse& answer, const std::string& recorded, int picture) {
  const auto file = SafeTensors::Open(absl::StrCat(kGolden, recorded, ".safetensors"));
  const auto probabilities = ToTensor(file->Get("probabilities").value()).value();
  const auto expected = probabilities[picture][0].t().ge(0.5);
  const auto& rle = answer.masks(0).coco_rle();
  const cv::Mat mask =
      *DecodeCocoRle(rle.counts(), static_cast<int>(rle.height()), static_cast<int>(rle.width()));
  const auto found = torch::from_blob(mask.data, {mask.rows, mask.cols}, torch::kUInt8).ne(0);
  EXPECT_GT(found.sum().item<int64_t>(), 1000);
  EXPECT_GT(found.logical_not().sum().item<int64_t>(), 1000);
  return found.ne(expected).sum().item<int64_t>();
}

class ImportedTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { ConfigureCompute(0); }
  const TempFolder folder_;
};

TEST_F(ImportedTest, Sgseg) {
  Serving serving(Import(
      {bundle::v1::FAMILY_SGSEG, FormulaFamily::kSgseg, "sgseg", "model.text_encoder.model.cls"},
      folder_.path()));
  const char* reports[] = {
      "bilateral pulmonary infection, three infected areas, lower left lung and upper middle right "
      "lung.",
      "bilateral pulmonary infection, four infected areas, upper lower left lung and middle lower "
      "right lung."};
  for (int picture = 0; picture < 2; ++picture) {
    const auto answer = serving.Ask({}, picture);
    EXPECT_EQ(answer.guidance().model_input_report(), reports[picture]);
    EXPECT_EQ(WrongPixels(answer, "sgseg_synthetic", picture), 0);
  }
}

TEST_F(ImportedTest, Prolearn) {
  Serving serving(Import(
      {bundle::v1::FAMILY_PROLEARN, FormulaFamily::kProLearn, "prolearn", "model.text_encoder."},
      folder_.path()));
  const std::vector<std::vector<int>> rows = {{2, 83, 52}, {83, 2, 11}};
  for (int picture = 0; picture < 2; ++picture) {
    const auto answer = serving.Ask({}, picture);
    std::vector<int> found;
    for (const auto& prototype : answer.guidance().prototypes()) {
      found.push_back(static_cast<int>(prototype.label() * 16 + prototype.index()));
    }
    EXPECT_EQ(found, rows[picture]);
    EXPECT_GT(answer.guidance().prototype_margin(), 0);
    EXPECT_THAT(answer.location().sentence(), testing::HasSubstr("of the image"));
    EXPECT_LE(WrongPixels(answer, "prolearn_synthetic", picture), 1);  // as float64 has it
  }
}

}  // namespace
}  // namespace lingula::test
