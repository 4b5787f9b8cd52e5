// The shipped networks on a real GPU: `./dev test gpu`. Exit code 77, which ctest takes for
// skipped, where there is none.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <torch/torch.h>

#include "model/backend/load_device_engine.h"
#include "model/backend/load_engine.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;

constexpr int kSkipped = 77;
const DeviceModule* module = nullptr;

class GpuTest : public testing::TestWithParam<const char*> {
 protected:
  GpuTest() : bundle_(OpenBundle(GetParam()).value()) {
    options_.devices = {{0, 1}};
    options_.module = module;
    options_.board = &board_;
  }
  std::unique_ptr<DeviceEngine> Load() {
    auto engine = LoadDeviceEngine(bundle_, options_);
    EXPECT_THAT(engine.status(), IsOk());
    return engine.ok() ? *std::move(engine) : nullptr;
  }
  // Golden sample `first` and its neighbours, `count` in all.
  std::vector<Sample> Samples(size_t count, size_t first = 0) const {
    const std::vector<Sample> golden = GoldenSamples(bundle_).value();
    std::vector<Sample> samples;
    for (size_t i = 0; i < count; ++i) {
      samples.push_back(golden[(first + i) % golden.size()]);
    }
    return samples;
  }
  static std::vector<Prediction> Predict(Engine& engine, const std::vector<Sample>& samples) {
    std::vector<const Sample*> batch;
    for (const Sample& sample : samples) {
      batch.push_back(&sample);
    }
    std::vector<Prediction> predictions;
    for (auto& answer : engine.Predict(batch)) {
      EXPECT_THAT(answer.status(), IsOk());
      predictions.push_back(answer.ok() ? *std::move(answer) : Prediction());
    }
    return predictions;
  }
  static double MeanDifference(const Prediction& a, const Prediction& b) {
    EXPECT_EQ(a.probabilities.size(), b.probabilities.size());
    double sum = 0;
    for (size_t i = 0; i < std::min(a.probabilities.size(), b.probabilities.size()); ++i) {
      sum += std::abs(a.probabilities[i] - b.probabilities[i]);
    }
    return sum / static_cast<double>(a.probabilities.size());
  }
  // What the manifest allows between its own arithmetic and float32.
  double allowed() const { return bundle_.manifest.golden().bf16_mean_abs(); }

  const Bundle bundle_;
  DeviceBoard board_;
  DeviceEngineOptions options_;
};

// Loading runs the golden samples in every bucket.
TEST_P(GpuTest, IsGoldenInEveryBucketAndPrecision) {
  for (const Precision precision : {Precision::kAuto, Precision::kFloat32}) {
    options_.precision = precision;
    std::cout << DescribeDeviceEngine(bundle_.manifest, options_) << "\n";
    EXPECT_NE(Load(), nullptr);
  }
  EXPECT_EQ(board_.figures().front().out_of_memory, 0);
}

TEST_P(GpuTest, NeighboursInTheBatchChangeNothing) {
  const auto engine = Load();
  const auto samples = Samples(8), turned = Samples(8, 1);
  const auto whole = Predict(*engine, samples), other = Predict(*engine, turned);
  for (size_t i = 1; i < samples.size(); ++i) {
    EXPECT_EQ(whole[i].probabilities, other[i - 1].probabilities) << i;
  }
}

TEST_P(GpuTest, BucketsAgreeWithinTheGoldenTolerance) {
  const auto engine = Load();
  const auto alone = Predict(*engine, Samples(1));
  for (const size_t size : {2, 4, 8}) {
    const double difference = MeanDifference(Predict(*engine, Samples(size))[0], alone[0]);
    std::cout << "bucket " << size << " against 1: mean difference " << difference << "\n";
    EXPECT_LE(difference, allowed());
  }
}

TEST_P(GpuTest, GraphsSayWhatKernelsSay) {
  const auto graphs = Load();
  options_.graphs = false;
  const auto eager = Load();
  for (const size_t size : {1, 3, 8}) {
    const auto a = Predict(*graphs, Samples(size)), b = Predict(*eager, Samples(size));
    for (size_t i = 0; i < size; ++i) {
      EXPECT_EQ(a[i].probabilities, b[i].probabilities) << i << " of " << size;
    }
  }
}

TEST_P(GpuTest, InstancesAnswerAlikeSideBySide) {
  options_.devices = {{0, 2}};
  const auto engine = Load();
  const auto expected = Predict(*engine, Samples(4));
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      for (int run = 0; run < 20; ++run) {
        const auto answers = Predict(*engine, Samples(4));
        for (size_t i = 0; i < answers.size(); ++i) {
          EXPECT_EQ(answers[i].probabilities, expected[i].probabilities);
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

// Less and less memory is left free until a bucket does not fit.
TEST_P(GpuTest, OutOfMemoryShrinksTheBucketsAndAnswersAll) {
  const auto expected = Predict(*Load(), Samples(1));
  options_.max_batch_size = 256;
  for (uint64_t left = uint64_t{4} << 30; left >= uint64_t{256} << 20; left /= 2) {
    torch::Tensor filler;
    const DeviceMemory memory = module->Memory(0);
    if (memory.free > left) {
      filler = torch::empty({static_cast<int64_t>(memory.free - left)},
                            torch::TensorOptions(torch::kUInt8).device(torch::kCUDA, 0));
    }
    const auto engine = LoadDeviceEngine(bundle_, options_);
    ASSERT_THAT(engine.status(), IsOk()) << left << " bytes free";
    if (board_.figures().front().out_of_memory > 0) {
      std::cout << "out of memory with " << (left >> 20) << " MiB free\n";
      const auto answers = Predict(**engine, Samples(256));
      EXPECT_LE(MeanDifference(answers[0], expected[0]), allowed());
      return;
    }
  }
  FAIL() << "256 MiB held every bucket: the test needs more samples";
}

INSTANTIATE_TEST_SUITE_P(Shipped, GpuTest,
                         testing::Values("model/bundles/cxr-sgseg-compact/1",
                                         "model/bundles/cxr-prolearn-compact/1",
                                         "model/bundles/polyp-prolearn-compact/1"),
                         [](const auto& p) { return std::to_string(p.index); });

}  // namespace
}  // namespace lingula

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  const auto opened = lingula::OpenCuda({{0, 1}});
  if (!opened.ok()) {
    std::cout << "skipped: " << opened.status().message() << "\n";
    return lingula::kSkipped;
  }
  lingula::module = *opened;
  lingula::ConfigureCompute(1);
  return RUN_ALL_TESTS();
}
