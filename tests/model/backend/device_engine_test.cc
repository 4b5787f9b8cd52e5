// The whole way to a device but CUDA itself: shipped networks on a made-up GPU, which is the
// processor, against the processor's own engine.
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <torch/torch.h>

#include "model/backend/load_device_engine.h"
#include "model/backend/load_engine.h"
#include "tests/support/fake_device_module.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::FakeDeviceModule;
using test::FakeGpu;
using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

constexpr char kSgseg[] = "model/bundles/cxr-sgseg-compact/1";

std::vector<absl::StatusOr<Prediction>> Predict(Engine& engine,
                                                const std::vector<Sample>& samples) {
  std::vector<const Sample*> batch;
  for (const Sample& sample : samples) {
    batch.push_back(&sample);
  }
  return engine.Predict(batch);
}

// Torch without oneDNN: what FusedConv and FusedLinear do on any other device.
class WithoutPacking {
 public:
  WithoutPacking() { at::globalContext().setUserEnabledMkldnn(false); }
  ~WithoutPacking() { at::globalContext().setUserEnabledMkldnn(true); }
};

class BundleOnDeviceTest : public testing::TestWithParam<const char*> {
 protected:
  BundleOnDeviceTest() : BundleOnDeviceTest(GetParam()) {}
  explicit BundleOnDeviceTest(const char* folder) : bundle_(OpenBundle(folder).value()) {
    options_.devices = {{3, 1}};
    options_.module = &module_;
    options_.board = &board_;
    options_.max_batch_size = 4;
    options_.precision = Precision::kFloat32;
  }

  // `count` golden samples, the same ones again when there are not enough.
  std::vector<Sample> Samples(size_t count) const {
    const std::vector<Sample> golden = GoldenSamples(bundle_).value();
    std::vector<Sample> samples;
    for (size_t i = 0; i < count; ++i) {
      samples.push_back(golden[i % golden.size()]);
    }
    return samples;
  }
  std::vector<absl::StatusOr<Prediction>> OnProcessor(const std::vector<Sample>& samples) const {
    EngineOptions options;
    options.precision = Precision::kFloat32;
    options.max_batch_size = 1;
    return Predict(*LoadEngine(bundle_, options).value(), samples);
  }
  void Load() {
    auto engine = LoadDeviceEngine(bundle_, options_);
    ASSERT_THAT(engine.status(), IsOk());
    engine_ = *std::move(engine);
  }
  // Largest difference of any probability from what the processor's engine says.
  double ExpectLikeProcessor(const std::vector<Sample>& samples) {
    double largest = 0;
    const auto expected = OnProcessor(samples), answers = Predict(*engine_, samples);
    for (size_t i = 0; i < samples.size(); ++i) {
      EXPECT_THAT(answers[i].status(), IsOk());
      if (!answers[i].ok()) {
        return 1;
      }
      const Prediction &a = *answers[i], &b = *expected[i];
      EXPECT_EQ(a.report, b.report);
      EXPECT_EQ(a.guidance, b.guidance);
      EXPECT_EQ(a.zones.has_value(), b.zones.has_value());
      EXPECT_EQ(a.features.size(), b.features.size());
      EXPECT_EQ(a.prototypes.size(), b.prototypes.size());
      for (size_t k = 0; k < std::min(a.prototypes.size(), b.prototypes.size()); ++k) {
        EXPECT_EQ(a.prototypes[k].label, b.prototypes[k].label);
        EXPECT_EQ(a.prototypes[k].index, b.prototypes[k].index);
        EXPECT_NEAR(a.prototypes[k].similarity, b.prototypes[k].similarity, 1e-4);
      }
      EXPECT_NEAR(a.prototype_margin, b.prototype_margin, 1e-4);
      for (size_t k = 0; k < std::min(a.features.size(), b.features.size()); ++k) {
        EXPECT_NEAR(a.features[k], b.features[k], 1e-3);
      }
      for (size_t k = 0; k < a.probabilities.size(); ++k) {
        largest = std::max<double>(largest, std::abs(a.probabilities[k] - b.probabilities[k]));
      }
    }
    return largest;
  }

  const Bundle bundle_;
  FakeGpu gpu_;
  const FakeDeviceModule module_{gpu_};
  DeviceBoard board_;
  DeviceEngineOptions options_;
  std::unique_ptr<DeviceEngine> engine_;
};

TEST_P(BundleOnDeviceTest, MasksEqualThoseOfTheProcessor) {
  Load();
  EXPECT_EQ(ExpectLikeProcessor(Samples(1)), 0);
  EXPECT_EQ(ExpectLikeProcessor(Samples(3)), 0);  // one row of padding
  EXPECT_GT(gpu_.replays(), 0);
}

TEST_P(BundleOnDeviceTest, WithoutGuidanceToo) {
  Load();
  std::vector<Sample> samples = Samples(3);
  samples[1].guidance = GuidanceMode::kWithheld;
  EXPECT_EQ(ExpectLikeProcessor(samples), 0);
}

// The network as it runs where weights cannot be packed for oneDNN, as on a GPU.
TEST_P(BundleOnDeviceTest, PlainKernelsSayTheSame) {
  {
    const WithoutPacking plain;
    Load();
  }
  EXPECT_LT(ExpectLikeProcessor(Samples(4)), 1e-3);
}

// Loading holds every bucket to the golden samples.
TEST_P(BundleOnDeviceTest, PlainKernelsAreGoldenInTheManifestsArithmetic) {
  if (__builtin_cpu_supports("avx512bf16") == 0) {
    GTEST_SKIP() << "this processor has no bfloat16";
  }
  const FakeDeviceModule module(gpu_, /*has_bfloat16=*/true);
  options_.module = &module;
  options_.precision = Precision::kAuto;
  EXPECT_THAT(DescribeDeviceEngine(bundle_.manifest, options_), HasSubstr("bfloat16"));
  const WithoutPacking plain;
  Load();
  engine_.reset();  // before its module
}

INSTANTIATE_TEST_SUITE_P(Shipped, BundleOnDeviceTest,
                         testing::Values(kSgseg, "model/bundles/cxr-prolearn-compact/1",
                                         "model/bundles/polyp-prolearn-compact/1"),
                         [](const auto& p) { return std::to_string(p.index); });

class LoadDeviceEngineTest : public BundleOnDeviceTest {
 protected:
  LoadDeviceEngineTest() : BundleOnDeviceTest(kSgseg) {}
};

TEST_F(LoadDeviceEngineTest, CallersReportsGuideTheirOwnSamples) {
  Load();
  std::vector<Sample> samples = Samples(3);
  samples[0].guidance = samples[2].guidance = GuidanceMode::kReport;
  samples[0].report = ZoneBits(0b101010);
  samples[2].report = ZoneBits(0b000001);
  EXPECT_EQ(ExpectLikeProcessor(samples), 0);
}

TEST_F(LoadDeviceEngineTest, WhatDoesNotFitRunsInPieces) {
  gpu_.LimitTo(2);
  Load();
  EXPECT_EQ(ExpectLikeProcessor(Samples(5)), 0);
  ASSERT_EQ(board_.figures().size(), 1U);
  EXPECT_EQ(board_.figures()[0].device, "cuda:3");
  EXPECT_EQ(board_.figures()[0].out_of_memory, 1);  // the bucket of four
  EXPECT_EQ(board_.figures()[0].memory.total, 1000U);
}

TEST_F(LoadDeviceEngineTest, WithoutGraphsKernelsAreIssuedEachTime) {
  gpu_.RefuseGraphs();
  Load();
  EXPECT_EQ(ExpectLikeProcessor(Samples(2)), 0);
  EXPECT_EQ(gpu_.replays(), 0);
}

TEST_F(LoadDeviceEngineTest, AFailureThatPassesIsNotSeen) {
  Load();
  gpu_.Fail(FakeGpu::Fault::kOnce);
  EXPECT_EQ(ExpectLikeProcessor(Samples(2)), 0);
}

TEST_F(LoadDeviceEngineTest, SeveralInstancesShareTheWeightsAndAnswerAlike) {
  options_.devices = {{0, 2}, {1, 1}};
  Load();
  EXPECT_EQ(engine_->instances(), 3);
  EXPECT_EQ(board_.figures().size(), 2U);
  EXPECT_EQ(ExpectLikeProcessor(Samples(2)), 0);
}

TEST_F(LoadDeviceEngineTest, ADeviceThatIsLostIsAnErrorOfTheLoad) {
  gpu_.Fail(FakeGpu::Fault::kLost);
  EXPECT_FALSE(LoadDeviceEngine(bundle_, options_).ok());
}

TEST_F(LoadDeviceEngineTest, PrecisionsThatAGpuHasNotAreRefusedByName) {
  options_.precision = Precision::kBfloat16;
  EXPECT_THAT(LoadDeviceEngine(bundle_, options_).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("cuda:3 has no instructions"), HasSubstr("bfloat16"))));
  options_.precision = Precision::kAuto;
  EXPECT_EQ(DescribeDeviceEngine(bundle_.manifest, options_), "cuda:3 x 1, float32");
}

TEST(OpenCuda, SaysWhatIsMissingAndWhatToDo) {
  const auto module = OpenCuda({{0, 1}});
  if (module.ok()) {
    GTEST_SKIP() << "this machine has a GPU";
  }
  EXPECT_THAT(module.status(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                        AllOf(HasSubstr("cuda:0 is configured, but"),
                                              HasSubstr("configure the device cpu"))));
}

}  // namespace
}  // namespace lingula
