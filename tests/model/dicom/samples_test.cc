// Real files, where there are any: shared/data/dicom beside the repository.
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <opencv2/core.hpp>

#include "model/dicom/dicom_picture.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using absl::StatusCode;
using test::IsOk;
using test::StatusIs;

std::string Sample(const std::string& name) {
  std::ifstream file("../shared/data/dicom/" + name, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

class SamplesTest : public testing::Test {
 protected:
  void SetUp() override {
    if (Sample("matrix/chest_ele.dcm").empty()) {
      GTEST_SKIP() << "no samples in ../shared/data/dicom";
    }
  }

  static cv::Mat Read(const std::string& name, int channels) {
    const auto read = DecodeDicom(Sample(name), {channels, 0, {}});
    EXPECT_THAT(read, IsOk()) << name;
    return read.ok() ? read->picture.pixels : cv::Mat();
  }
  static double Difference(const std::string& a, const std::string& b, int channels) {
    return cv::norm(Read(a, channels), Read(b, channels), cv::NORM_INF);
  }
};

TEST_F(SamplesTest, OneChestFilmIsTheSameInEachEncoding) {
  for (const char* other :
       {"chest_ile", "chest_deflated", "chest_jpll_p14", "chest_jpll_sv1", "chest_jls_ll"}) {
    EXPECT_EQ(Difference("matrix/chest_ele.dcm", "matrix/" + std::string(other) + ".dcm", 1), 0)
        << other;
  }
}

TEST_F(SamplesTest, OneEndoscopyFrameIsTheSameInEachEncoding) {
  for (const char* other :
       {"endo/VL2_RLE", "endo/VL2_J2KR", "matrix/endo_jls_ll_rgb", "matrix/endo_jpll_sv1_rgb"}) {
    EXPECT_EQ(Difference("endo/VL2_UNC.dcm", std::string(other) + ".dcm", 3), 0) << other;
  }
  EXPECT_EQ(Difference("endo/VL1_UNC.dcm", "endo/VL1_RLE.dcm", 3), 0);
  EXPECT_EQ(Difference("endo/VL1_UNC.dcm", "endo/VL1_J2KR.dcm", 3), 0);
}

TEST_F(SamplesTest, OneScanIsTheSameInEachEncoding) {
  for (const char* other : {"MR_small_bigendian", "MR_small_expb", "MR_small_jp2klossless",
                            "MR_small_jpeg_ls_lossless"}) {
    EXPECT_EQ(Difference("codec/MR_small_RLE.dcm", "codec/" + std::string(other) + ".dcm", 1), 0)
        << other;
  }
  EXPECT_EQ(Difference("codec/SC_rgb_small_odd.dcm", "codec/SC_rgb_small_odd_big_endian.dcm", 3),
            0);
}

TEST_F(SamplesTest, LossyCopiesAreClose) {
  const cv::Mat film = Read("codec/RG3_JPLL.dcm", 1);
  for (const char* other : {"RG3_J2KI", "RG3_JLSN", "RG3_JPLY"}) {
    const cv::Mat copy = Read("codec/" + std::string(other) + ".dcm", 1);
    EXPECT_LE(cv::norm(film, copy, cv::NORM_L1) / static_cast<double>(film.total()), 0.01 * 65535)
        << other;
  }
}

TEST_F(SamplesTest, TheFilmLabelledMonochrome1IsTheOtherTurnedRound) {
  const cv::Mat film = Read("chest/rsna_pneumonia_cr_chest_pa.dcm", 1);
  const cv::Mat turned = Read("chest/Fake_MONOHR1.dcm", 1);
  EXPECT_EQ(cv::norm(film, 255 - turned, cv::NORM_INF), 0);
}

TEST_F(SamplesTest, FactsOfFilms) {
  for (const char* name : {"chest/966_fixed.dcm", "chest/RG1_J2KI.dcm"}) {
    const auto read = DecodeDicom(Sample(name), {});
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(read->notes.subject, DicomSubject::kChestXray);
    EXPECT_EQ(read->notes.view, DicomView::kFrontal);
    EXPECT_EQ(read->notes.viewer_left, ViewerLeft::kPatientRight);
    EXPECT_FALSE(read->notes.photometric_fallback);
    EXPECT_EQ(read->picture.lossy, std::string(name) == "chest/RG1_J2KI.dcm");
  }
}

TEST_F(SamplesTest, NoPicturesAreRefused) {
  for (const char* name : {"rtdose", "rtdose_1frame", "rtdose_rle", "rtdose_rle_1frame", "reportsi",
                           "reportsi_with_empty_number_tags", "liver_1frame", "ExplVR_LitEndNoMeta",
                           "ExplVR_BigEndNoMeta"}) {
    EXPECT_THAT(DecodeDicom(Sample("codec/" + std::string(name) + ".dcm"), {}),
                StatusIs(StatusCode::kFailedPrecondition))
        << name;
  }
}

}  // namespace
}  // namespace lingula
