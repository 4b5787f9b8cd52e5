// Results about whatever the reading side lets through.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dctk.h>

#include <opencv2/core.hpp>

#include "model/dicom/dicom_picture.h"
#include "model/dicom/dicom_results.h"
#include "tests/fuzz/target.h"
#include "tests/model/dicom/synthetic_source.h"

namespace lingula::fuzz {
namespace {

constexpr PixelLimits kLimits{1 << 14};

std::string FileOf(DcmFileFormat& file, E_TransferSyntax syntax) {
  file.validateMetaInfo(syntax);
  std::string bytes(1 << 16, '\0');
  DcmOutputBufferStream stream(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  file.transferInit();
  Require(file.write(stream, syntax, EET_ExplicitLength, nullptr).good(), "a seed can be written");
  file.transferEnd();
  void* start = nullptr;
  offile_off_t length = 0;
  stream.flushBuffer(start, length);
  return bytes.substr(0, static_cast<size_t>(length));
}

void RequireReadable(const std::string& bytes) {
  DcmInputBufferStream stream;
  stream.setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  stream.setEos();
  DcmFileFormat file;
  file.transferInit();
  Require(file.read(stream).good(), "what is written can be read");
  file.transferEnd();
}

void Check(const absl::StatusOr<std::string>& result, const absl::StatusOr<std::string>& again) {
  Require(result.ok() == again.ok(), "the same arguments are refused again");
  if (result.ok()) {
    Require(*result == *again, "the same arguments give the same bytes");
    RequireReadable(*result);
    return;
  }
  Require(result.status().code() == absl::StatusCode::kInvalidArgument, "a file is no inner error");
  RequireMessage(result.status().message());
}

void WriteResults(const DicomPicture& read) {
  const cv::Mat mask(read.picture.pixels.size(), CV_8UC1, cv::Scalar(255));
  const DicomAlgorithm algorithm = {"name", "1", "sgseg", "digest", "threshold=0.5"};
  const auto seg = [&] {
    return WriteDicomSeg(*read.source, SegKind::kBinary, mask, DicomTarget::kPolyp, algorithm);
  };
  Check(seg(), seg());
  DicomMeasurements measured;
  measured.area_share = 1;
  for (const char* const sentence : {"All of it.", "\xC3\x84"}) {
    measured.sentence = sentence;
    const auto report = [&] {
      return WriteDicomReport(*read.source, mask, DicomTarget::kPolyp, algorithm, measured);
    };
    Check(report(), report());
  }
}

}  // namespace

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  for (const auto syntax : {EXS_LittleEndianExplicit, EXS_LittleEndianImplicit}) {
    seeds.push_back(FileOf(*SyntheticChest(13, 9), syntax));
    seeds.push_back(FileOf(*SyntheticEndoscopy(5, 4), syntax));
    seeds.push_back(FileOf(*SyntheticFrames(4, 4, 3), syntax));
    seeds.push_back(FileOf(*SyntheticBare(3, 3), syntax));
  }
  seeds.emplace_back();
  return seeds;
}

bool Accepts(absl::string_view input) {
  const auto read = DecodeDicom(input, {1, 0, kLimits});
  if (!read.ok()) {
    RequireMessage(read.status().message());
    return false;
  }
  WriteResults(*read);
  return true;
}

}  // namespace lingula::fuzz
