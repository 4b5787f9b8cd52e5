// What all results have in common: whose they are, what they are about, who made them (PS3.3 C.7.1
// to C.7.5, C.12.1). docs/dicom.md lists each attribute. Private to this folder; not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/dicom/dicom_item.h"
#include "model/dicom/dicom_results.h"
#include "model/dicom/dicom_source.h"
#include "model/dicom/dicom_source_content.h"

namespace lingula {

// A source as results see it.
struct Origin {
  std::unique_ptr<DcmDataset> dataset;  // a copy without pixels
  DicomSource::Content::Image image;
  std::string study, series;  // made from the instance's UID where the file names none
  std::string date, time;     // of the content: never of the clock
};

// Errors   INVALID_ARGUMENT the file has no valid SOP Class and SOP Instance UID: nothing can refer
//          to it.
absl::StatusOr<Origin> OriginOf(const DicomSource& source);

// An object to come.
struct ResultObject {
  const char* sop_class;
  const char* modality;
  int series_offset;         // Series Number is 100 times the source's and this
  const char* what;          // "segmentation", for people
  std::string sop_instance;  // as of InstanceUid
  std::string series;        // as of SeriesUid
};

// UID of the result of kind `what`: `facts` are all that make it differ from others of this picture
// and network, in fixed order.
std::string InstanceUid(const Origin& origin, const DicomAlgorithm& algorithm,
                        absl::string_view what, const std::vector<absl::string_view>& facts);

// Results of one kind by one network about one series are one series.
std::string SeriesUid(const Origin& origin, const DicomAlgorithm& algorithm,
                      absl::string_view what);

// Patient, study, series, equipment and SOP Common modules, content date and time.
void WriteCommonModules(const Origin& origin, const DicomAlgorithm& algorithm,
                        const ResultObject& object, DicomItem& item);

// The picture: class, instance, and its frame where there are several (PS3.3 10.8).
void WriteReference(const Origin& origin, DicomItem& item);

// "name@version".
std::string IdOf(const DicomAlgorithm& algorithm);

}  // namespace lingula
