#include "model/dicom/dicom_source.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <utility>

#include "absl/strings/escaping.h"

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

std::string KeyedInstanceHash(const DicomSource& source, absl::string_view key) {
  const std::string& uid = ContentOf(source).image().sop_instance;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(uid.data()), uid.size(), digest, &length);
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest), length});
}

}  // namespace lingula
