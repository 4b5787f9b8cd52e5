// Bundles that must load, and bundles that must not.
#include "model/backend/load_engine.h"

#include <functional>
#include <limits>
#include <string>

#include <gmock/gmock.h>

#include "model/backend/weights.h"
#include "model/base/file.h"
#include "model/engine/golden_run.h"
#include "tests/model/backend/made_bundle.h"
#include "tests/model/bundle/bundle_files.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr EngineOptions kFloat32{Precision::kFloat32};

class LoadEngineTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { torch::set_num_threads(1); }

  LoadEngineTest() : bundle_(test::MakeBundle(folder_.path(), test::TinyManifest())) {}

  // Changes one tensor of a file and, unless `stale`, the digests with it.
  void Change(const std::string& file, const std::string& name,
              const std::function<void(torch::Tensor&)>& change, bool stale = false) {
    TensorWriter writer;
    {
      const SafeTensors old = SafeTensors::Open(bundle_ + "/" + file).value();
      for (const auto& [key, view] : old.tensors()) {
        torch::Tensor tensor = ToTensor(view).value();
        if (key == name) {
          change(tensor);
        }
        writer.Add(key, tensor, view.dtype == DType::kF16);
      }
    }
    ASSERT_THAT(writer.Write(bundle_ + "/" + file), IsOk());
    if (!stale) {
      ASSERT_THAT(WriteManifest(bundle_, test::TinyManifest(), test::SmallFiles()), IsOk());
    }
  }

  absl::Status Load(const EngineOptions& options = kFloat32) const {
    const auto bundle = OpenBundle(bundle_);
    return bundle.ok() ? LoadEngine(*bundle, options).status() : bundle.status();
  }

  test::TempFolder folder_;
  const std::string bundle_;
};

TEST_F(LoadEngineTest, AcceptsWhatTrainingExports) {
  const auto bundle = OpenBundle(bundle_);
  ASSERT_THAT(bundle, IsOk());
  const auto engine = LoadEngine(*bundle, kFloat32);
  ASSERT_THAT(engine, IsOk());
  EXPECT_EQ((*engine)->side_px(), 64);
  EXPECT_EQ((*engine)->channels(), 1);
  EXPECT_THAT(CheckGolden(**engine, *bundle, false), IsOk());
  EXPECT_EQ(DescribeEngine(bundle->manifest, kFloat32), "cpu float32");
}

TEST_F(LoadEngineTest, RewritingWithoutAChangeStaysGood) {
  Change(kWeightsFile, "fc.weight", [](torch::Tensor&) {});
  EXPECT_THAT(Load(), IsOk());
}

TEST_F(LoadEngineTest, DigestCatchesOneWrongByte) {
  std::string bytes = ReadFile(bundle_ + "/" + kWeightsFile).value();
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  test::Put(bundle_ + "/" + kWeightsFile, bytes);
  EXPECT_THAT(Load(), StatusIs(kInvalid, AllOf(HasSubstr(kWeightsFile), HasSubstr("sha256"))));
}

TEST_F(LoadEngineTest, GoldenRunCatchesOtherMasks) {
  Change(kGoldenFile, "probabilities", [](torch::Tensor& p) { p[1] += 0.05; });
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               AllOf(HasSubstr("golden run: sample 1 differs by 0.05 in the mask"),
                                     HasSubstr("allowed 0.01"))));
}

TEST_F(LoadEngineTest, GoldenRunCatchesOtherZones) {
  Change(kGoldenFile, "zones", [](torch::Tensor& zones) { zones[0][4] -= 0.25; });
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               AllOf(HasSubstr("sample 0"), HasSubstr("0.25 in a zone"))));
}

TEST_F(LoadEngineTest, GoldenRunHasATolerancePerArithmetic) {
  Change(kGoldenFile, "probabilities", [](torch::Tensor& p) { p[0] += 0.02; });
  const auto bundle = OpenBundle(bundle_);
  ASSERT_THAT(bundle, IsOk());
  EXPECT_THAT(LoadEngine(*bundle, kFloat32), StatusIs(absl::StatusCode::kFailedPrecondition));
  test::TempFolder other;  // an engine from an unchanged bundle
  const auto good = OpenBundle(test::MakeBundle(other.path(), test::TinyManifest()));
  ASSERT_THAT(good, IsOk());
  const auto engine = LoadEngine(*good, kFloat32);
  ASSERT_THAT(engine, IsOk());
  EXPECT_TRUE(IsGoldenRunFailed(CheckGolden(**engine, *bundle, false)));
  EXPECT_THAT(CheckGolden(**engine, *bundle, true), IsOk());
}

TEST_F(LoadEngineTest, GoldenRunCatchesNan) {
  Change(kGoldenFile, "probabilities",
         [](torch::Tensor& p) { p[0][3][5] = std::numeric_limits<float>::quiet_NaN(); });
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("sample 0")));
}

// A digest says that a file is whole, not that it is right: the golden run sees other weights.
TEST_F(LoadEngineTest, GoldenRunCatchesOtherWeights) {
  Change(kWeightsFile, "decoder4.decoder.conv_block.conv2.conv.weight",
         [](torch::Tensor& weight) { weight *= -1; });
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("golden run")));
}

TEST_F(LoadEngineTest, RefusesWeightsThatAreNotFinite) {
  Change(kWeightsFile, "detector.fc.weight",
         [](torch::Tensor& weight) { weight[2][1] = std::numeric_limits<float>::quiet_NaN(); });
  EXPECT_THAT(Load(), StatusIs(kInvalid,
                               HasSubstr("detector.fc.weight: holds a value that is not finite")));
}

TEST_F(LoadEngineTest, RefusesWeightsOfAnotherShape) {
  Change(kWeightsFile, "detector.fc.bias", [](torch::Tensor& bias) { bias = torch::zeros({7}); });
  EXPECT_THAT(Load(),
              StatusIs(kInvalid, HasSubstr("detector.fc.bias: has the shape [7], needs [6]")));
}

TEST_F(LoadEngineTest, RefusesAReportTableOfAnotherShape) {
  Change(kReportsFile, "table",
         [](torch::Tensor& table) { table = table.narrow(0, 0, 63).contiguous(); });
  EXPECT_THAT(Load(), StatusIs(kInvalid, AllOf(HasSubstr("table"), HasSubstr("64, 24, 16"))));
}

TEST_F(LoadEngineTest, RefusesAReportTableThatIsNotFinite) {
  Change(kReportsFile, "table",
         [](torch::Tensor& table) { table[5][0][0] = std::numeric_limits<float>::infinity(); });
  EXPECT_THAT(Load(), StatusIs(kInvalid, AllOf(HasSubstr(kReportsFile), HasSubstr("finite"))));
}

TEST_F(LoadEngineTest, RefusesAGoldenFileOfAnotherSize) {
  Change(kGoldenFile, "pixels",
         [](torch::Tensor& pixels) { pixels = pixels.narrow(2, 0, 32).contiguous(); });
  EXPECT_THAT(Load(), StatusIs(kInvalid, HasSubstr("pixels")));
}

TEST_F(LoadEngineTest, LowPrecisionWhereTheManifestWantsItAndTheProcessorHasIt) {
  constexpr EngineOptions kBfloat16{Precision::kBfloat16};
  constexpr EngineOptions kFloat16{Precision::kFloat16};
  constexpr EngineOptions kAuto{Precision::kAuto};
  const bool has_bf16 = __builtin_cpu_supports("avx512bf16") != 0;
  const bool has_fp16 = __builtin_cpu_supports("avx512fp16") != 0;
  bundle::v1::Manifest manifest;
  EXPECT_EQ(DescribeEngine(manifest, kAuto), "cpu float32");
  manifest.set_arithmetic(bundle::v1::ARITHMETIC_BFLOAT16);
  EXPECT_EQ(DescribeEngine(manifest, kAuto), has_bf16 ? "cpu bfloat16" : "cpu float32");
  manifest.set_arithmetic(bundle::v1::ARITHMETIC_FLOAT16);
  EXPECT_EQ(DescribeEngine(manifest, kAuto), has_fp16 ? "cpu float16" : "cpu float32");
  const auto refused =
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("PRECISION_FLOAT32"));
  if (!has_bf16) {
    EXPECT_THAT(Load(kBfloat16), refused);
  }
  if (!has_fp16) {
    EXPECT_THAT(Load(kFloat16), refused);
  }
  EXPECT_THAT(Load(kAuto), IsOk());
}

// The bundles of this repository.
TEST(ShippedBundlesTest, LoadInEveryArithmetic) {
  const auto folders = FindBundles("model/bundles");
  ASSERT_THAT(folders, IsOk());
  ASSERT_FALSE(folders->empty());
  for (const std::string& folder : *folders) {
    const auto bundle = OpenBundle(folder);
    ASSERT_THAT(bundle, IsOk());
    EXPECT_THAT(LoadEngine(*bundle, kFloat32), IsOk()) << folder;
    EXPECT_THAT(LoadEngine(*bundle, EngineOptions()), IsOk()) << folder;
  }
}

}  // namespace
}  // namespace lingula
