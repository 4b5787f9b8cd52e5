// What it costs to read a DX film of 2128 x 2000 pixels of 12 bits, on one core: the whole, and its
// bare JPEG 2000 decoding.
#include <fstream>
#include <sstream>
#include <string>

#include <benchmark/benchmark.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <opencv2/core.hpp>

#include "model/dicom/dicom_file.h"
#include "model/dicom/dicom_picture.h"
#include "model/dicom/frame_bytes.h"
#include "model/dicom/frame_codecs.h"
#include "tests/model/image/synthetic.h"
#include "tests/support/fake_dicom.h"

namespace lingula {
namespace {

// The film that the promise is about, where there is one, else a made-up one.
std::string Film(E_TransferSyntax syntax) {
  std::ifstream real("../shared/data/dicom/chest/966_fixed.dcm", std::ios::binary);
  std::stringstream content;
  content << real.rdbuf();
  if (syntax == EXS_JPEG2000LosslessOnly && !content.str().empty()) {
    return content.str();
  }
  cv::Mat samples;
  test::FakeXray(2000, 2128).convertTo(samples, CV_16U, 16);
  test::FakeDicom film(samples);
  film.Put(DCM_BitsStored, 12).Put(DCM_HighBit, 11);
  return syntax == EXS_JPEG2000LosslessOnly
             ? film.WriteCompressed("1.2.840.10008.1.2.4.90", test::Jpeg2000Of(samples))
             : film.Write(syntax);
}

void Read(benchmark::State& state, E_TransferSyntax syntax) {
  const std::string film = Film(syntax);
  for (auto _ : state) {
    benchmark::DoNotOptimize(DecodeDicom(film, {}));
  }
  state.counters["file_bytes"] = static_cast<double>(film.size());
}

void BM_ReadDicomJpeg2000(benchmark::State& state) {
  Read(state, EXS_JPEG2000LosslessOnly);
}
BENCHMARK(BM_ReadDicomJpeg2000)->Unit(benchmark::kMillisecond);

void BM_ReadDicomUncompressed(benchmark::State& state) {
  Read(state, EXS_LittleEndianExplicit);
}
BENCHMARK(BM_ReadDicomUncompressed)->Unit(benchmark::kMillisecond);

void BM_ReadDicomJpegLossless(benchmark::State& state) {
  Read(state, EXS_JPEGProcess14SV1);
}
BENCHMARK(BM_ReadDicomJpegLossless)->Unit(benchmark::kMillisecond);

void BM_BareJpeg2000(benchmark::State& state) {
  const std::string film = Film(EXS_JPEG2000LosslessOnly);
  DicomFile file = *OpenDicomFile(film);
  const PixelLayout layout = *ReadPixelLayout(*file.attributes, {});
  FrameBytes frame;
  if (!FindFrame(file, layout, 1, frame).ok()) {
    state.SkipWithError("no frame");
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(DecodeJpeg2000(frame.bytes, layout));
  }
}
BENCHMARK(BM_BareJpeg2000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace lingula
