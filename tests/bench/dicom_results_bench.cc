// What it costs to write results about a film of 2000 x 2000 pixels, on one core.
#include <string>

#include <benchmark/benchmark.h>
#include <opencv2/imgproc.hpp>

#include "model/dicom/dicom_results.h"
#include "tests/model/dicom/synthetic_source.h"

namespace lingula {
namespace {

constexpr int kSide = 2000;

const DicomAlgorithm kAlgorithm = {"cxr", "1", "sgseg", std::string(64, 'a'), "threshold=0.5"};

cv::Mat Probabilities() {
  cv::Mat blob(kSide, kSide, CV_32FC1, cv::Scalar(0.1));
  cv::circle(blob, {700, 900}, 400, cv::Scalar(0.9), cv::FILLED);
  return blob;
}

void WriteSeg(benchmark::State& state, SegKind kind, const cv::Mat& mask) {
  const auto source = SourceOf(*SyntheticChest(kSide, kSide));
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        WriteDicomSeg(*source, kind, mask, DicomTarget::kLungOpacity, kAlgorithm));
  }
}

void BM_WriteDicomSeg2000(benchmark::State& state) {
  WriteSeg(state, SegKind::kBinary, Probabilities() >= 0.5);
}
BENCHMARK(BM_WriteDicomSeg2000)->Unit(benchmark::kMicrosecond);

void BM_WriteDicomSegFractional2000(benchmark::State& state) {
  WriteSeg(state, SegKind::kFractional, Probabilities());
}
BENCHMARK(BM_WriteDicomSegFractional2000)->Unit(benchmark::kMicrosecond);

void BM_WriteDicomReport2000(benchmark::State& state) {
  const auto source = SourceOf(*SyntheticChest(kSide, kSide));
  const cv::Mat mask = Probabilities() >= 0.5;
  DicomMeasurements measured;
  measured.area_share = 0.125;
  measured.expected_dice = 0.8;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        WriteDicomReport(*source, mask, DicomTarget::kLungOpacity, kAlgorithm, measured));
  }
}
BENCHMARK(BM_WriteDicomReport2000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace lingula
