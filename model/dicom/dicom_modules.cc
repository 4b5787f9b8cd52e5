#include "model/dicom/dicom_modules.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "model/dicom/dicom_codes.h"
#include "model/dicom/dicom_uid.h"

#ifndef LINGULA_VERSION
#error "LINGULA_VERSION comes from CMakeLists.txt"
#endif

namespace lingula {
namespace {

// Of content whose time the file does not tell, where the standard wants one.
constexpr char kNoDate[] = "19000101";
constexpr char kNoTime[] = "000000";

constexpr size_t kLongString = 64;  // bytes of an LO

bool AreDigits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

bool IsTime(absl::string_view text) {
  const absl::string_view whole = text.substr(0, text.find('.'));
  const absl::string_view rest = text.substr(std::min(text.size(), whole.size() + 1));
  return AreDigits(whole) && whole.size() % 2 == 0 && whole.size() <= 6 &&
         (whole.size() == text.size() ||
          (whole.size() == 6 && AreDigits(rest) && rest.size() <= 6));
}

// When the content came to be, as near as the file tells.
void FindTime(Origin& origin) {
  const std::pair<DcmTagKey, DcmTagKey> places[] = {{DCM_ContentDate, DCM_ContentTime},
                                                    {DCM_AcquisitionDate, DCM_AcquisitionTime},
                                                    {DCM_SeriesDate, DCM_SeriesTime},
                                                    {DCM_StudyDate, DCM_StudyTime}};
  origin.date = kNoDate;
  origin.time = kNoTime;
  for (const auto& [date_tag, time_tag] : places) {
    const std::string date = ValueOf(*origin.dataset, date_tag);
    if (date.size() == 8 && AreDigits(date)) {
      origin.date = date;
      const std::string time = ValueOf(*origin.dataset, time_tag);
      origin.time = IsTime(time) ? time : kNoTime;
      return;
    }
  }
}

int NumberOf(DcmItem& dataset, const DcmTagKey& tag, int otherwise) {
  constexpr int kLargest = 1'000'000;  // so that it can be multiplied
  int number = 0;
  return absl::SimpleAtoi(ValueOf(dataset, tag), &number) && number >= 0 && number <= kLargest
             ? number
             : otherwise;
}

// Name and number say whose a result is: they are never judged, only copied.
void WritePatient(DcmItem& source, DicomItem& item) {
  for (const DcmTagKey& tag : {DCM_PatientName, DCM_PatientID}) {
    if (!item.CopyAsItIs(source, tag)) {
      item.Text(tag, "");
    }
  }
  item.CopyAsItIs(source, DCM_IssuerOfPatientID);
  item.CopyOrEmpty(source, DCM_PatientBirthDate);
  item.CopyOrEmpty(source, DCM_PatientSex);
  if (item.Copy(source, DCM_PatientIdentityRemoved)) {
    item.Copy(source, DCM_DeidentificationMethod);
    item.Copy(source, DCM_DeidentificationMethodCodeSequence);
  }
}

void WriteStudy(const Origin& origin, DicomItem& item) {
  DcmItem& source = *origin.dataset;
  item.Text(DCM_StudyInstanceUID, origin.study);
  item.CopyOrEmpty(source, DCM_StudyDate);
  item.CopyOrEmpty(source, DCM_StudyTime);
  item.CopyOrEmpty(source, DCM_ReferringPhysicianName);
  item.CopyOrEmpty(source, DCM_StudyID);
  item.CopyOrEmpty(source, DCM_AccessionNumber);
  item.Copy(source, DCM_StudyDescription);
}

void WriteSeries(const Origin& origin, const DicomAlgorithm& algorithm, const ResultObject& object,
                 DicomItem& item) {
  const int number = NumberOf(*origin.dataset, DCM_SeriesNumber, 0);
  item.Text(DCM_Modality, object.modality);
  item.Text(DCM_SeriesInstanceUID, object.series);
  item.Text(DCM_SeriesNumber, absl::StrCat(number * 100 + object.series_offset));
  item.Text(DCM_SeriesDescription,
            absl::StrCat("Research use only: ", object.what, " by ", IdOf(algorithm)), kLongString);
}

// Who made the picture, then who made this object out of it.
void WriteEquipment(const Origin& origin, const DicomAlgorithm& algorithm, DicomItem& item) {
  item.Text(DCM_Manufacturer, "Lingula");
  item.Text(DCM_ManufacturerModelName, IdOf(algorithm), kLongString);
  item.Text(DCM_DeviceSerialNumber, algorithm.digest, kLongString);
  item.Text(DCM_SoftwareVersions, LINGULA_VERSION, kLongString);
  DcmItem& source = *origin.dataset;
  if (!ValueOf(source, DCM_Manufacturer).empty()) {
    DicomItem maker = item.Append(DCM_ContributingEquipmentSequence);
    maker.Code(DCM_PurposeOfReferenceCodeSequence, kAcquisition);
    maker.Copy(source, DCM_Manufacturer);
    maker.Copy(source, DCM_ManufacturerModelName);
    maker.Copy(source, DCM_SoftwareVersions);
  }
  DicomItem ours = item.Append(DCM_ContributingEquipmentSequence);
  ours.Code(DCM_PurposeOfReferenceCodeSequence, kProcessing);
  ours.Text(DCM_Manufacturer, "Lingula");
  ours.Text(DCM_ManufacturerModelName, "lingula-server");
  ours.Text(DCM_SoftwareVersions, LINGULA_VERSION, kLongString);
  ours.Text(DCM_ContributionDescription,
            "Found by a neural network. For research use only: not a medical device.");
}

}  // namespace

absl::StatusOr<Origin> OriginOf(const DicomSource& source) {
  Origin origin;
  origin.dataset = ContentOf(source).CopyDataset();
  origin.image = ContentOf(source).image();
  const std::string& instance = origin.image.sop_instance;
  if (!IsUid(origin.image.sop_class) || !IsUid(instance)) {
    return absl::InvalidArgumentError(
        "the DICOM file has no valid SOP Class UID and SOP Instance UID, which DICOM results refer "
        "to: ask for other forms, or send a file that has them");
  }
  origin.study = ValueOf(*origin.dataset, DCM_StudyInstanceUID);
  if (!IsUid(origin.study)) {
    origin.study = DerivedUid({"study", instance});
  }
  origin.series = ValueOf(*origin.dataset, DCM_SeriesInstanceUID);
  if (!IsUid(origin.series)) {
    origin.series = DerivedUid({"series", instance});
  }
  FindTime(origin);
  return origin;
}

std::string InstanceUid(const Origin& origin, const DicomAlgorithm& algorithm,
                        absl::string_view what, const std::vector<absl::string_view>& facts) {
  const std::string frame = absl::StrCat(origin.image.frame);
  // The version of the writer too: it stands in the object, and one UID must never name two
  // contents.
  std::vector<absl::string_view> all = {
      what,           LINGULA_VERSION,   origin.image.sop_instance, frame,
      algorithm.name, algorithm.version, algorithm.digest,          algorithm.parameters};
  all.insert(all.end(), facts.begin(), facts.end());
  return DerivedUid(all);
}

std::string SeriesUid(const Origin& origin, const DicomAlgorithm& algorithm,
                      absl::string_view what) {
  return DerivedUid({"series of", what, LINGULA_VERSION, origin.study, origin.series,
                     algorithm.name, algorithm.version, algorithm.digest});
}

void WriteCommonModules(const Origin& origin, const DicomAlgorithm& algorithm,
                        const ResultObject& object, DicomItem& item) {
  DcmItem& source = *origin.dataset;
  item.CopyAsItIs(source,
                  DCM_SpecificCharacterSet);  // what is copied is written in it; ours is ASCII
  item.Text(DCM_SOPClassUID, object.sop_class);
  item.Text(DCM_SOPInstanceUID, object.sop_instance);
  item.Copy(source, DCM_TimezoneOffsetFromUTC);
  WritePatient(source, item);
  WriteStudy(origin, item);
  WriteSeries(origin, algorithm, object, item);
  WriteEquipment(origin, algorithm, item);
  const int instance = NumberOf(source, DCM_InstanceNumber, 1);
  item.Text(DCM_InstanceNumber,
            absl::StrCat(origin.image.frames > 1 ? origin.image.frame : instance));
  item.Text(DCM_ContentDate, origin.date);
  item.Text(DCM_ContentTime, origin.time);
}

void WriteReference(const Origin& origin, DicomItem& item) {
  item.Text(DCM_ReferencedSOPClassUID, origin.image.sop_class);
  item.Text(DCM_ReferencedSOPInstanceUID, origin.image.sop_instance);
  if (origin.image.frames > 1) {
    item.Text(DCM_ReferencedFrameNumber, absl::StrCat(origin.image.frame));
  }
}

std::string IdOf(const DicomAlgorithm& algorithm) {
  return absl::StrCat(algorithm.name, "@", algorithm.version);
}

}  // namespace lingula
