// A second opinion on Segmentations: DCMTK's own reader of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmseg/segdoc.h>
#include <dcmtk/dcmseg/segment.h>

#include <opencv2/core.hpp>

#include "model/dicom/dicom_results.h"
#include "tests/model/dicom/synthetic_source.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

const DicomAlgorithm kAlgorithm = {"polyp", "2", "prolearn", "0123456789abcdef", "threshold=0.5"};

std::unique_ptr<DcmSegmentation> Load(SegKind kind, const cv::Mat& mask) {
  const auto bytes = WriteDicomSeg(*SourceOf(*SyntheticEndoscopy(mask.cols, mask.rows)), kind, mask,
                                   DicomTarget::kPolyp, kAlgorithm);
  EXPECT_THAT(bytes, test::IsOk());
  DcmInputBufferStream stream;
  stream.setBuffer(bytes->data(), static_cast<offile_off_t>(bytes->size()));
  stream.setEos();
  DcmFileFormat file;
  file.transferInit();
  EXPECT_TRUE(file.read(stream).good());
  file.transferEnd();
  EXPECT_TRUE(file.loadAllDataIntoMemory().good());
  DcmSegmentation* loaded = nullptr;
  const OFCondition condition = DcmSegmentation::loadDataset(*file.getDataset(), loaded);
  EXPECT_TRUE(condition.good()) << condition.text();
  return std::unique_ptr<DcmSegmentation>(loaded);
}

TEST(DcmtkSegmentationTest, FindsSegmentAndBits) {
  cv::Mat mask = cv::Mat::zeros(5, 7, CV_8UC1);
  mask(cv::Rect(1, 1, 4, 3)) = 255;
  const auto seg = Load(SegKind::kBinary, mask);
  ASSERT_NE(seg, nullptr);
  ASSERT_EQ(seg->getNumberOfSegments(), 1U);
  ASSERT_EQ(seg->getNumberOfFrames(), 1U);
  OFString label;
  EXPECT_TRUE(seg->getSegment(1)->getSegmentLabel(label).good());
  EXPECT_EQ(label, "Polyp of colon");
  const DcmIODTypes::Frame* const frame = seg->getFrame(0);
  ASSERT_NE(frame, nullptr);
  for (int i = 0; i < 5 * 7; ++i) {
    EXPECT_EQ((frame->pixData[i / 8] >> (i % 8) & 1) != 0, mask.data[i] != 0) << "pixel " << i;
  }
}

TEST(DcmtkSegmentationTest, FindsProbabilities) {
  const auto seg = Load(SegKind::kFractional, cv::Mat(3, 5, CV_32FC1, cv::Scalar(0.2)));
  ASSERT_NE(seg, nullptr);
  EXPECT_EQ(seg->getSegmentationType(), DcmSegTypes::ST_FRACTIONAL);
  EXPECT_EQ(seg->getSegmentationFractionalType(), DcmSegTypes::SFT_PROBABILITY);
  ASSERT_EQ(seg->getNumberOfFrames(), 1U);
  EXPECT_EQ(seg->getFrame(0)->pixData[14], 51);
}

}  // namespace
}  // namespace lingula
