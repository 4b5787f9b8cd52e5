#include "model/bundle/bundle.h"

#include "model/base/file.h"
#include "tests/model/bundle/bundle_files.h"

namespace lingula {
namespace {

namespace fs = std::filesystem;
using test::IsOk;
using test::Put;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

class BundleTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(test::WriteSmallBundle(folder_)); }
  std::string At(const std::string& name) const { return folder_ + "/" + name; }

  test::TempFolder root_;
  const std::string folder_ = root_.Sub("tiny/3");
};

TEST_F(BundleTest, OpensAWholeOne) {
  const auto bundle = OpenBundle(folder_ + "/");
  ASSERT_THAT(bundle, IsOk());
  EXPECT_EQ(bundle->folder, folder_);
  EXPECT_EQ(bundle->card, "# tiny\n");
  EXPECT_EQ(bundle->weights_sha256, Sha256Hex(bundle->weights.file()));
  EXPECT_EQ(bundle->reports->Get("table")->shape, (std::vector<int64_t>{64, 24, 2}));
  EXPECT_EQ(ParameterCount(bundle->weights), 6);
  for (const BundleCheck& check : InspectBundle(folder_).checks) {
    EXPECT_THAT(check.status, IsOk()) << check.what;
  }
}

TEST_F(BundleTest, RefusesAFileThatChanged) {
  Put(At(kCardFile), "# tiny!\n");
  EXPECT_THAT(OpenBundle(folder_), StatusIs(absl::StatusCode::kInvalidArgument,
                                            AllOf(HasSubstr(kCardFile), HasSubstr("sha256 is"))));
}

TEST_F(BundleTest, RefusesWeightsThatChanged) {
  std::string bytes = ReadFile(At(kWeightsFile)).value();
  bytes.back() ^= 1;
  Put(At(kWeightsFile), bytes);
  EXPECT_THAT(OpenBundle(folder_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr(kWeightsFile), HasSubstr("sha256 is"))));
}

TEST_F(BundleTest, RefusesWhatIsNotListed) {
  Put(At("weights.pkl"), "code");
  root_.Sub("tiny/3/extra");
  EXPECT_THAT(OpenBundle(folder_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("weights.pkl: is not listed"), HasSubstr("no folders"))));
}

TEST_F(BundleTest, RefusesMissingFiles) {
  fs::remove(At(kGoldenFile));
  EXPECT_THAT(OpenBundle(folder_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(std::string(kGoldenFile) + ": is listed but not there")));
  fs::remove(At(kManifestFile));
  EXPECT_THAT(OpenBundle(folder_), StatusIs(absl::StatusCode::kNotFound, HasSubstr(kManifestFile)));
}

TEST_F(BundleTest, RefusesLinksOutOfTheFolder) {
  fs::rename(At(kCardFile), root_.path() + "/card");
  fs::create_symlink(root_.path() + "/card", At(kCardFile));
  EXPECT_THAT(OpenBundle(folder_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("points out of the bundle")));
}

TEST_F(BundleTest, RefusesAnotherPlace) {
  fs::rename(folder_, root_.path() + "/tiny/4");
  EXPECT_THAT(OpenBundle(root_.path() + "/tiny/4"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("the manifest says tiny/3"), HasSubstr("tiny/4"))));
}

struct Case {
  const char* name;
  const char* file;
  TensorMap tensors;
  const char* reason;
};
class BadTensorsTest : public BundleTest, public testing::WithParamInterface<Case> {};

TEST_P(BadTensorsTest, AreRefusedByName) {
  ASSERT_THAT(WriteSafeTensors(At(GetParam().file), GetParam().tensors), IsOk());
  ASSERT_THAT(WriteManifest(folder_, test::SmallManifest(), test::SmallFiles()), IsOk());
  const auto bundle = OpenBundle(folder_);
  ASSERT_FALSE(bundle.ok());
  EXPECT_THAT(std::string(bundle.status().message()), HasSubstr(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(All, BadTensorsTest,
                         testing::Values(Case{"no_table", kReportsFile, {}, "no tensor \"table\""},
                                         Case{"table_shape",
                                              kReportsFile,
                                              {{"table", test::Zeros({64, 24, 3})}},
                                              "[64, 24, 2] (-1: any), got F32 [64, 24, 3]"},
                                         Case{"table_type",
                                              kReportsFile,
                                              {{"table", test::Zeros({64, 24, 2}, DType::kF64)}},
                                              "got F64"},
                                         Case{"table_path",
                                              kReportsFile,
                                              {{"table", test::Zeros({64, 24, 3})}},
                                              "reports.safetensors: tensor \"table\" must be"},
                                         Case{"golden_path",
                                              kGoldenFile,
                                              {{"pixels", test::Zeros({2, 1, 32, 16})}},
                                              "golden.safetensors: tensor \"pixels\" must be"},
                                         Case{"golden_missing",
                                              kGoldenFile,
                                              {{"pixels", test::Zeros({2, 1, 32, 32})}},
                                              "golden.safetensors: no tensor \"probabilities\""},
                                         Case{"golden_samples",
                                              kGoldenFile,
                                              {{"pixels", test::Zeros({65, 1, 32, 32})}},
                                              "golden.safetensors: tensor \"pixels\" has 65 "
                                              "samples; at most 64"},
                                         Case{"no_samples",
                                              kGoldenFile,
                                              {{"pixels", test::Zeros({0, 1, 32, 32})}},
                                              "tensor \"pixels\""},
                                         Case{"zones_count",
                                              kGoldenFile,
                                              {{"pixels", test::Zeros({2, 1, 32, 32})},
                                               {"probabilities", test::Zeros({2, 32, 32})},
                                               {"zones", test::Zeros({1, 6})}},
                                              "tensor \"zones\" must be F32 [2, 6]"}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_F(BundleTest, RefusesATruncatedContainer) {
  const std::string bytes = ReadFile(At(kWeightsFile)).value();
  for (const size_t size : {size_t{0}, size_t{7}, bytes.size() / 2, bytes.size() - 1}) {
    Put(At(kWeightsFile), bytes.substr(0, size));
    EXPECT_THAT(OpenBundle(folder_),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(At(kWeightsFile) + ": ")));
  }
}

TEST_F(BundleTest, RefusesTextsWithoutBound) {
  fs::resize_file(At(kCardFile), uintmax_t{17} << 20);
  EXPECT_THAT(OpenBundle(folder_), StatusIs(absl::StatusCode::kInvalidArgument,
                                            AllOf(HasSubstr(kCardFile), HasSubstr("at most"))));
  fs::resize_file(At(kManifestFile), uintmax_t{1} << 40);
  EXPECT_THAT(OpenBundle(folder_), StatusIs(absl::StatusCode::kInvalidArgument,
                                            AllOf(HasSubstr(kManifestFile), HasSubstr("at most"))));
}

TEST_F(BundleTest, InspectionGoesOnAfterAMistake) {
  Put(At(kCardFile), "changed");
  Put(At(kGoldenFile), "not a container");
  const BundleInspection inspection = InspectBundle(folder_);
  EXPECT_FALSE(inspection.bundle.has_value());
  int bad = 0;
  for (const BundleCheck& check : inspection.checks) {
    bad += check.status.ok() ? 0 : 1;
  }
  EXPECT_EQ(bad, 2);
}

}  // namespace
}  // namespace lingula
