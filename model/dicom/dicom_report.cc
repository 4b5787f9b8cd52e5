#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/base/status_macros.h"
#include "model/dicom/dicom_modules.h"
#include "model/dicom/dicom_report_item.h"
#include "model/dicom/dicom_results.h"
#include "model/dicom/dicom_seg_object.h"
#include "model/dicom/dicom_seg_pixels.h"
#include "model/dicom/dicom_uid.h"

namespace lingula {
namespace {

constexpr char kWhat[] = "measurement report";

constexpr CodedConcept kReport = {"126000", "DCM", "Imaging Measurement Report"};
constexpr CodedConcept kLanguage = {"121049", "DCM", "Language of Content Item and Descendants"};
constexpr CodedConcept kEnglish = {"en", "RFC5646", "English"};
constexpr CodedConcept kObserverType = {"121005", "DCM", "Observer Type"};
constexpr CodedConcept kDevice = {"121007", "DCM", "Device"};
constexpr CodedConcept kDeviceUid = {"121012", "DCM", "Device Observer UID"};
constexpr CodedConcept kDeviceName = {"121013", "DCM", "Device Observer Name"};
constexpr CodedConcept kDeviceMaker = {"121014", "DCM", "Device Observer Manufacturer"};
constexpr CodedConcept kProcedure = {"121058", "DCM", "Procedure reported"};
constexpr CodedConcept kMeasurements = {"126010", "DCM", "Imaging Measurements"};
constexpr CodedConcept kGroup = {"125007", "DCM", "Measurement Group"};
constexpr CodedConcept kTracking = {"112039", "DCM", "Tracking Identifier"};
constexpr CodedConcept kTrackingUid = {"112040", "DCM", "Tracking Unique Identifier"};
constexpr CodedConcept kCategory = {"276214006", "SCT", "Finding category"};
constexpr CodedConcept kFinding = {"121071", "DCM", "Finding"};
constexpr CodedConcept kSite = {"363698007", "SCT", "Finding Site"};
constexpr CodedConcept kAlgorithmName = {"111001", "DCM", "Algorithm Name"};
constexpr CodedConcept kAlgorithmVersion = {"111003", "DCM", "Algorithm Version"};
constexpr CodedConcept kAlgorithmParameters = {"111002", "DCM", "Algorithm Parameters"};
constexpr CodedConcept kSegFrame = {"121214", "DCM", "Referenced Segmentation Frame"};
constexpr CodedConcept kSegSource = {"121233", "DCM", "Source image for segmentation"};
constexpr CodedConcept kMeasuredIn = {"121112", "DCM", "Source of Measurement"};
constexpr CodedConcept kComment = {"121106", "DCM", "Comment"};
constexpr CodedConcept kPercent = {"%", "UCUM", "Percent"};
constexpr CodedConcept kNoUnit = {"1", "UCUM", "no units"};

constexpr CodedConcept kAreaShare = {"AREA_SHARE", kOwnScheme, "Share of the image's area"};
constexpr CodedConcept kDice = {"EXPECTED_DICE", kOwnScheme, "Expected Dice coefficient"};
constexpr CodedConcept kDiceLow = {"EXPECTED_DICE_LO", kOwnScheme,
                                   "Lower end of the interval of the expected Dice coefficient"};
constexpr CodedConcept kDiceHigh = {"EXPECTED_DICE_HI", kOwnScheme,
                                    "Upper end of the interval of the expected Dice coefficient"};
constexpr CodedConcept kCoverage = {"DICE_COVERAGE", kOwnScheme,
                                    "Share of images whose Dice lay in the interval"};
constexpr CodedConcept kLaterality = {"272741003", "SCT", "Laterality"};
constexpr CodedConcept kPatientRight = {"24028007", "SCT", "Right"};
constexpr CodedConcept kPatientLeft = {"7771000", "SCT", "Left"};
constexpr CodedConcept kFlag = {"FLAG", kOwnScheme, "What to know before using the mask"};

constexpr char kNotice[] =
    "Found by a neural network and verified by nobody. For research use only: not a medical "
    "device.";

// The Segmentation that the report is about, if there is one.
using SegReference = std::optional<ResultObject>;

std::string Facts(const DicomMeasurements& measured) {
  const auto number = [](const std::optional<double>& value) {
    return value.has_value() ? absl::StrCat(*value) : std::string();
  };
  std::string zones;
  for (const DicomZone& zone : measured.zones) {
    absl::StrAppend(&zones, CodeOf(zone.zone).value, ":", static_cast<int>(zone.side), ":",
                    zone.probability, ",");
  }
  return absl::StrJoin({absl::StrCat(measured.area_share), number(measured.expected_dice),
                        number(measured.dice_low), number(measured.dice_high),
                        number(measured.coverage), absl::StrJoin(measured.flags, ","), zones},
                       ";");
}

ResultObject ReportObject(const Origin& origin, const SegReference& seg, DicomTarget target,
                          const DicomAlgorithm& algorithm, const DicomMeasurements& measured) {
  ResultObject object;
  object.sop_class = UID_ComprehensiveSRStorage;
  object.modality = "SR";
  object.series_offset = 93;
  object.what = kWhat;
  object.sop_instance =
      InstanceUid(origin, algorithm, kWhat,
                  {CodesOf(target).label, seg.has_value() ? seg->sop_instance : "", Facts(measured),
                   measured.sentence});
  object.series = SeriesUid(origin, algorithm, kWhat);
  return object;
}

void AppendEvidence(DicomItem& study, absl::string_view series, absl::string_view sop_class,
                    absl::string_view sop_instance) {
  DicomItem item = study.Append(DCM_ReferencedSeriesSequence);
  item.Text(DCM_SeriesInstanceUID, series);
  DicomItem instance = item.Append(DCM_ReferencedSOPSequence);
  instance.Text(DCM_ReferencedSOPClassUID, sop_class);
  instance.Text(DCM_ReferencedSOPInstanceUID, sop_instance);
}

// SR Document Series (C.17.1) and General (C.17.2), and our coding scheme (C.12.1.1.1).
void WriteDocument(const Origin& origin, const SegReference& seg, DicomItem& item) {
  item.EmptySequence(DCM_ReferencedPerformedProcedureStepSequence);
  item.EmptySequence(DCM_PerformedProcedureCodeSequence);
  item.Text(DCM_CompletionFlag, "PARTIAL");
  item.Text(DCM_VerificationFlag, "UNVERIFIED");
  item.Text(DCM_PreliminaryFlag, "PRELIMINARY");
  DicomItem scheme = item.Append(DCM_CodingSchemeIdentificationSequence);
  scheme.Text(DCM_CodingSchemeDesignator, kOwnScheme);
  scheme.Text(DCM_CodingSchemeName, "Lingula's measurements: docs/dicom.md");
  DicomItem study = item.Append(DCM_CurrentRequestedProcedureEvidenceSequence);
  study.Text(DCM_StudyInstanceUID, origin.study);
  AppendEvidence(study, origin.series, origin.image.sop_class, origin.image.sop_instance);
  if (seg.has_value()) {
    AppendEvidence(study, seg->series, seg->sop_class, seg->sop_instance);
  }
}

// TID 1204 and 1001: in which words, and who observed.
void WriteObserver(const DicomAlgorithm& algorithm, DicomTarget target, DicomItem& root) {
  AddCode(root, kModifies, kLanguage, kEnglish);
  AddCode(root, kContext, kObserverType, kDevice);
  AddUid(root, kContext, kDeviceUid,
         DerivedUid({"device", algorithm.name, algorithm.version, algorithm.digest}));
  AddText(root, kContext, kDeviceName, IdOf(algorithm));
  AddText(root, kContext, kDeviceMaker, "Lingula");
  AddCode(root, kModifies, kProcedure, CodesOf(target).procedure);
}

// TID 4019.
void WriteAlgorithm(const DicomAlgorithm& algorithm, DicomItem& group) {
  AddText(group, kModifies, kAlgorithmName, algorithm.name);
  AddText(group, kModifies, kAlgorithmVersion, algorithm.version);
  AddText(group, kModifies, kAlgorithmParameters,
          absl::StrCat("family=", algorithm.family, " weights_sha256=", algorithm.digest, " ",
                       algorithm.parameters));
}

void WriteNumbers(const DicomMeasurements& measured, DicomItem& group) {
  AddNumber(group, kAreaShare, 100 * measured.area_share, kPercent);
  if (!measured.expected_dice.has_value()) {
    return;
  }
  AddNumber(group, kDice, *measured.expected_dice, kNoUnit);
  if (measured.dice_low.has_value() && measured.dice_high.has_value() &&
      measured.coverage.has_value()) {
    AddNumber(group, kDiceLow, *measured.dice_low, kNoUnit);
    AddNumber(group, kDiceHigh, *measured.dice_high, kNoUnit);
    AddNumber(group, kCoverage, 100 * *measured.coverage, kPercent);
  }
}

// The side of the image is in each zone's code; that of the patient, where established, beside it.
void WriteZones(const std::vector<DicomZone>& zones, DicomItem& group) {
  for (const DicomZone& zone : zones) {
    DicomItem number = AddNumber(group, CodeOf(zone.zone), zone.probability, kNoUnit);
    if (zone.side != PatientSide::kUnknown) {
      AddCode(number, kModifies, kLaterality,
              zone.side == PatientSide::kRight ? kPatientRight : kPatientLeft);
    }
  }
}

// What was measured in: the Segmentation's only frame, which has one segment, or the picture.
void WriteMeasuredImages(const Origin& origin, const SegReference& seg, DicomItem& group) {
  if (seg.has_value()) {
    DicomItem frame = AddImage(group, kSegFrame);
    frame.Text(DCM_ReferencedSOPClassUID, seg->sop_class);
    frame.Text(DCM_ReferencedSOPInstanceUID, seg->sop_instance);
    frame.Text(DCM_ReferencedFrameNumber, "1");
  }
  DicomItem picture = AddImage(group, seg.has_value() ? kSegSource : kMeasuredIn);
  WriteReference(origin, picture);
}

// TID 1410 with a Segmentation, TID 1501 without.
void WriteGroup(const Origin& origin, const SegReference& seg, DicomTarget target,
                const DicomAlgorithm& algorithm, const DicomMeasurements& measured,
                DicomItem& measurements) {
  const TargetCodes& codes = CodesOf(target);
  DicomItem group = AddContainer(measurements, kGroup, seg.has_value() ? "1410" : "1501");
  AddText(group, kContext, kTracking, codes.label);
  AddUid(group, kContext, kTrackingUid,
         DerivedUid({"finding in", origin.image.sop_instance, absl::StrCat(origin.image.frame),
                     codes.label, algorithm.digest, algorithm.parameters}));
  if (measured.area_share > 0) {  // else nothing was found
    AddCode(group, kContains, kCategory, codes.category);
    AddCode(group, kContains, kFinding, codes.type);
  }
  AddCode(group, kModifies, kSite, codes.region);
  WriteAlgorithm(algorithm, group);
  WriteMeasuredImages(origin, seg, group);
  WriteNumbers(measured, group);
  WriteZones(measured.zones, group);
  for (const std::string& flag : measured.flags) {
    AddText(group, kContains, kFlag, flag);
  }
  if (!measured.sentence.empty()) {
    AddText(group, kContains, kComment, measured.sentence);
  }
  AddText(group, kContains, kComment, kNotice);
}

// Words that are not ASCII need a character set that holds them beside the patient's name.
absl::Status MakeRoomFor(const std::string& words, Origin& origin) {
  if (std::all_of(words.begin(), words.end(), absl::ascii_isascii)) {
    return absl::OkStatus();
  }
  if (origin.dataset->convertToUTF8().bad()) {
    return absl::InvalidArgumentError(
        "the DICOM file's Specific Character Set (0008,0005) cannot be changed to UTF-8, which the "
        "report's words need: ask for English, or correct the file");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> WriteDicomReport(const DicomSource& source, const cv::Mat& mask,
                                             DicomTarget target, const DicomAlgorithm& algorithm,
                                             const DicomMeasurements& measurements) {
  LINGULA_ASSIGN_OR_RETURN(Origin origin, OriginOf(source));
  LINGULA_RETURN_IF_ERROR(MakeRoomFor(measurements.sentence, origin));
  SegReference seg;
  if (!mask.empty()) {
    LINGULA_RETURN_IF_ERROR(CheckMask(mask, SegKind::kBinary, origin));
    seg = SegObject(origin, SegKind::kBinary, BinaryPixels(mask), target, algorithm);
  }
  DcmFileFormat file;
  absl::Status problem;
  DicomItem item(*file.getDataset(), problem);
  WriteCommonModules(origin, algorithm, ReportObject(origin, seg, target, algorithm, measurements),
                     item);
  WriteDocument(origin, seg, item);
  BeginContainer(item, kReport, "1500");
  WriteObserver(algorithm, target, item);
  DicomItem groups = AddContainer(item, kMeasurements, nullptr);
  WriteGroup(origin, seg, target, algorithm, measurements, groups);
  LINGULA_RETURN_IF_ERROR(problem);
  return BytesOf(file);
}

}  // namespace lingula
