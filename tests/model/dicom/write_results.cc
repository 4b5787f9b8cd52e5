// Writes sources and the results about them for dicom_results_test.py, which lets others judge
// them.
//
//   write_dicom_results OUT_FOLDER [DICOM_FILE...]
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/dicom/dicom_picture.h"
#include "model/dicom/dicom_results.h"
#include "model/image/mask_bytes.h"
#include "tests/model/dicom/synthetic_source.h"

namespace lingula {
namespace {

const DicomAlgorithm kAlgorithm = {"cxr-sgseg-compact", "1", "sgseg", std::string(64, 'a'),
                                   "threshold=0.5 guidance=generated_report"};

void Save(const std::string& path, const char* bytes, size_t size) {
  std::ofstream(path, std::ios::binary).write(bytes, static_cast<std::streamsize>(size));
}

bool SaveResult(const std::string& path, const absl::StatusOr<std::string>& file) {
  if (!file.ok()) {
    std::cerr << path << ": " << file.status() << '\n';
    return false;
  }
  Save(path, file->data(), file->size());
  return true;
}

// Two blobs whose edges lie across bytes and rows.
cv::Mat Probabilities(int columns, int rows) {
  cv::Mat blobs(rows, columns, CV_32FC1, cv::Scalar(0.02));
  cv::ellipse(blobs, {columns / 3, rows / 2}, {columns / 7, rows / 4}, 30, 0, 360, cv::Scalar(0.95),
              cv::FILLED);
  cv::ellipse(blobs, {columns * 3 / 4, rows / 3}, {columns / 9, rows / 11}, 0, 0, 360,
              cv::Scalar(0.7), cv::FILLED);
  cv::blur(blobs, blobs, {5, 5});
  return blobs;
}

bool WriteResults(const std::string& start, const DicomSource& source, DicomTarget target) {
  const auto& image = ContentOf(source).image();
  const cv::Mat probabilities = Probabilities(image.columns, image.rows);
  const cv::Mat mask = probabilities >= 0.5;
  DicomMeasurements measured;
  measured.area_share = static_cast<double>(cv::countNonZero(mask)) / mask.total();
  measured.expected_dice = 0.8125;
  measured.dice_low = 0.7;
  measured.dice_high = 0.9;
  measured.coverage = 0.9;
  measured.sentence = "Opacity in the patient's right lung, lower zone (left side of the image).";
  measured.zones = {{Zone::kImageLeftLower, PatientSide::kRight, 0.75},
                    {Zone::kImageRightUpper, PatientSide::kUnknown, 0.5}};
  measured.flags = {"LOW_CONFIDENCE", "LOSSY_INPUT"};
  const std::string bytes = ProbabilityBytes(probabilities);
  Save(start + ".mask", mask.ptr<char>(), mask.total());
  Save(start + ".probabilities", bytes.data(), bytes.size());
  DicomMeasurements of_nothing;
  of_nothing.flags = {"EMPTY_MASK"};
  const cv::Mat nothing = cv::Mat::zeros(mask.size(), CV_8UC1);
  const auto seg = [&](SegKind kind, const cv::Mat& content) {
    return WriteDicomSeg(source, kind, content, target, kAlgorithm);
  };
  const auto report = [&](const cv::Mat& content, const DicomMeasurements& measurements) {
    return WriteDicomReport(source, content, target, kAlgorithm, measurements);
  };
  return SaveResult(start + ".binary.dcm", seg(SegKind::kBinary, mask)) &&
         SaveResult(start + ".fractional.dcm", seg(SegKind::kFractional, probabilities)) &&
         SaveResult(start + ".empty.dcm", seg(SegKind::kBinary, nothing)) &&
         SaveResult(start + ".report.dcm", report(mask, measured)) &&
         SaveResult(start + ".bare-report.dcm", report({}, measured)) &&
         SaveResult(start + ".empty-report.dcm", report(nothing, of_nothing));
}

bool WriteSynthetic(const std::string& folder, const char* name,
                    const std::unique_ptr<DcmFileFormat>& file, int frame, DicomTarget target) {
  const std::string start = absl::StrCat(folder, "/", name);
  return file->saveFile(absl::StrCat(start, ".source.dcm").c_str(), EXS_LittleEndianExplicit)
             .good() &&
         WriteResults(start, *SourceOf(*file, frame), target);
}

bool WriteReal(const std::string& folder, int number, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const auto read = DecodeDicom(bytes, {});
  if (!read.ok()) {
    std::cerr << path << ": " << read.status() << '\n';
    return false;
  }
  const std::string start = absl::StrCat(folder, "/real", number);
  Save(start + ".source.dcm", bytes.data(), bytes.size());
  return WriteResults(
      start, *read->source,
      absl::StrContains(path, "/endo/") ? DicomTarget::kPolyp : DicomTarget::kLungOpacity);
}

bool WriteAll(int count, char** arguments) {
  const std::string folder = arguments[1];
  bool good =
      WriteSynthetic(folder, "dx", SyntheticChest(777, 1001), 1, DicomTarget::kLungOpacity) &&
      WriteSynthetic(folder, "cr", SyntheticFilm(512, 640), 1, DicomTarget::kLungOpacity) &&
      WriteSynthetic(folder, "vl", SyntheticEndoscopy(641, 481), 1, DicomTarget::kPolyp) &&
      WriteSynthetic(folder, "frames", SyntheticFrames(100, 80, 5), 3, DicomTarget::kPolyp) &&
      WriteSynthetic(folder, "bare", SyntheticBare(33, 17), 1, DicomTarget::kLungOpacity);
  for (int i = 2; i < count && good; ++i) {
    good = WriteReal(folder, i - 1, arguments[i]);
  }
  return good;
}

}  // namespace
}  // namespace lingula

int main(int count, char** arguments) {
  if (count < 2) {
    std::fputs("usage: write_dicom_results OUT_FOLDER [DICOM_FILE...]\n", stderr);
    return 2;
  }
  return lingula::WriteAll(count, arguments) ? 0 : 1;
}
