// What is inside a DicomSource: for the sources of this folder only, since it holds a patient's
// attributes (docs/adr/0015-dicom.md). Thread-safe.
#pragma once

#include <memory>
#include <string>

#include <dcmtk/dcmdata/dcdatset.h>

#include "model/base/mutex.h"
#include "model/dicom/dicom_source.h"

namespace lingula {

class DicomSource::Content {
 public:
  // The picture that results refer to.
  struct Image {
    int rows = 0, columns = 0;    // of the picture that was read, as the file has them
    int frame = 1, frames = 1;    // the frame that was read, from 1
    bool lossy = false;           // by the file's own word or by its transfer syntax
    std::string transfer_syntax;  // UID
    std::string sop_class;        // UID; not empty
    std::string sop_instance;     // UID; not empty
  };

  // `dataset`: the file's data set up to the pixels, in the file's own Specific Character Set,
  // without private attributes and without values of more than 64 KiB.
  Content(std::unique_ptr<DcmDataset> dataset, Image image);

  const Image& image() const { return image_; }

  // A copy to read from: even a look into a DcmDataset moves its cursors.
  std::unique_ptr<DcmDataset> CopyDataset() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const Image image_;
  mutable Mutex mu_;
  const std::unique_ptr<DcmDataset> dataset_ ABSL_PT_GUARDED_BY(mu_);
};

// The way into a source. Content lives as long as `source`.
const DicomSource::Content& ContentOf(const DicomSource& source);

}  // namespace lingula
