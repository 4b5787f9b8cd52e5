#include <dcmtk/dcmdata/dcdeftag.h>
#include <opencv2/core.hpp>

#include "model/dicom/dicom_picture.h"
#include "tests/fuzz/target.h"
#include "tests/support/fake_dicom.h"

namespace lingula::fuzz {
namespace {

constexpr PixelLimits kLimits{1 << 14};

cv::Mat Gradient(int type) {
  cv::Mat picture(9, 13, type);
  for (int y = 0; y < picture.rows; ++y) {
    for (size_t i = 0; i < picture.cols * picture.elemSize(); ++i) {
      picture.ptr(y)[i] = static_cast<uint8_t>(i * 7 + y * 31);
    }
  }
  return picture;
}

}  // namespace

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  for (const int type : {CV_16UC1, CV_8UC1, CV_8UC3}) {
    for (const E_TransferSyntax syntax :
         {EXS_LittleEndianExplicit, EXS_LittleEndianImplicit, EXS_BigEndianExplicit,
          EXS_DeflatedLittleEndianExplicit, EXS_JPEGProcess1, EXS_JPEGProcess14SV1,
          EXS_JPEGLSLossless, EXS_RLELossless}) {
      test::FakeDicom dicom(Gradient(type));
      if (type == CV_16UC1) {
        dicom.PutTable(DCM_VOILUTSequence, 4, 16, {1, 2, 3}).Put(DCM_PixelPaddingValue, 7);
      }
      seeds.push_back(dicom.Write(syntax));
    }
    test::FakeDicom dicom(Gradient(type));
    seeds.push_back(
        dicom.WriteCompressed("1.2.840.10008.1.2.4.90", test::Jpeg2000Of(Gradient(type))));
  }
  seeds.insert(seeds.end(), {"", std::string(128, '\0') + "DICM", seeds[0].substr(400)});
  return seeds;
}

bool Accepts(absl::string_view input) {
  const auto size = ReadDicomSize(input);
  bool accepted = false;
  for (const int channels : {1, 3}) {
    const auto read = DecodeDicom(input, {channels, 0, kLimits});
    accepted = read.ok();
    if (accepted) {
      const cv::Mat& pixels = read->picture.pixels;
      Require(size.ok() && pixels.size() == *size, "a picture has the size that its header says");
      Require(pixels.channels() == channels, "a picture has the channels asked for");
      Require(pixels.total() <= static_cast<size_t>(kLimits.max_pixels),
              "a picture is within the limits");
      Require(read->source != nullptr, "results can refer to what was read");
    } else {
      Require(read.status().code() != absl::StatusCode::kInternal, "bytes are no inner error");
      RequireMessage(read.status().message());
    }
  }
  return accepted;
}

}  // namespace lingula::fuzz
