// DICOM files for tests, written by DCMTK: nobody's pictures.
#pragma once

#include <string>

#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcxfer.h>
#include <opencv2/core/mat.hpp>

namespace lingula::test {

class FakeDicom {
 public:
  // A frontal chest radiograph of `samples`: CV_8UC1, CV_16UC1 or CV_8UC3 (red first). Attributes
  // can be changed before the first Write.
  explicit FakeDicom(const cv::Mat& samples);

  DcmDataset& dataset() { return *file_.getDataset(); }
  FakeDicom& Put(const DcmTagKey& tag, const char* value);
  FakeDicom& Put(const DcmTagKey& tag, int value);  // US or SS
  FakeDicom& Remove(const DcmTagKey& tag);
  // A lookup table as the one item of `sequence`.
  FakeDicom& PutTable(const DcmTagKey& sequence, int first, int bits,
                      const std::vector<uint16_t>& entries);

  // A Part 10 file; empty where DCMTK cannot write the syntax. Lossy ones at their best quality.
  std::string Write(E_TransferSyntax syntax = EXS_LittleEndianExplicit);

  // The same with `frame` in place of the pixels, as one fragment.
  std::string WriteCompressed(const char* syntax_uid, const std::string& frame);

 private:
  std::string Save(E_TransferSyntax syntax);

  DcmFileFormat file_;
};

// A JPEG 2000 codestream of CV_8UC1, CV_16UC1 or CV_8UC3 with its channels as they are,
// without loss. At least 4 pixels wide and high.
std::string Jpeg2000Of(const cv::Mat& pixels);

}  // namespace lingula::test
