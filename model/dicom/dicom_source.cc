#include "model/dicom/dicom_source.h"

#include <utility>

#include "model/dicom/dicom_source_content.h"

namespace lingula {

DicomSource::Content::Content(std::unique_ptr<DcmDataset> dataset, Image image)
    : image_(std::move(image)), dataset_(std::move(dataset)) {}

std::unique_ptr<DcmDataset> DicomSource::Content::CopyDataset() const {
  const MutexLock lock(mu_);
  return std::make_unique<DcmDataset>(*dataset_);
}

DicomSource::DicomSource(std::unique_ptr<const Content> content) : content_(std::move(content)) {}

DicomSource::~DicomSource() = default;

const DicomSource::Content& ContentOf(const DicomSource& source) {
  return *source.content_;
}

}  // namespace lingula
