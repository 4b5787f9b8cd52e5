#include "model/dicom/dicom_notes.h"

#include <string>

#include <dcmtk/dcmdata/dcdeftag.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/dicom/attributes.h"

namespace lingula {
namespace {

constexpr char kStorage[] = "1.2.840.10008.5.1.4.1.1.";

// SOP classes behind kStorage that hold no picture for people; "88." means all that begin so.
struct NoPicture {
  absl::string_view class_id;
  const char* what;
};
constexpr NoPicture kNoPictures[] = {
    {"1.1.1", "a Digital X-Ray image FOR PROCESSING; send the one FOR PRESENTATION"},
    {"1.2.1", "a mammogram FOR PROCESSING; send the one FOR PRESENTATION"},
    {"1.3.1", "an intra-oral X-ray FOR PROCESSING; send the one FOR PRESENTATION"},
    {"4.2", "spectroscopy"},
    {"9.", "a waveform"},
    {"11.", "a presentation state"},
    {"30", "a parametric map"},
    {"66", "raw data"},
    {"66.", "a segmentation, surface or registration"},
    {"67", "a real world value mapping"},
    {"68.", "a surface scan"},
    {"78.", "an ophthalmic measurement"},
    {"88.", "a structured report"},
    {"104.", "an encapsulated document"},
    {"481.2", "RT Dose: a grid of doses"},
    {"481.3", "an RT Structure Set"},
    {"481.5", "an RT Plan"},
};

bool Names(absl::string_view class_id, absl::string_view entry) {
  return absl::EndsWith(entry, ".") ? absl::StartsWith(class_id, entry) : class_id == entry;
}

absl::Status Refused(absl::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat("image: the DICOM object holds no picture for people to see: it is ", what));
}

// PS3.3 C.7.3.1.1.1. A modality that stands for a carrier, not for a device (OT, SC, XC), says
// nothing.
DicomSubject SubjectOf(absl::string_view modality, absl::string_view part) {
  for (const absl::string_view xray : {"CR", "DX", "RG", "RF"}) {
    if (modality != xray) {
      continue;
    }
    if (part.empty()) {
      return DicomSubject::kXray;
    }
    const bool chest = absl::StrContains(part, "CHEST") || absl::StrContains(part, "THORAX") ||
                       absl::StrContains(part, "LUNG");
    return chest ? DicomSubject::kChestXray : DicomSubject::kOtherXray;
  }
  for (const absl::string_view xray : {"MG", "IO", "PX", "XA", "RTIMAGE", "BMD"}) {
    if (modality == xray) {
      return DicomSubject::kOtherXray;
    }
  }
  if (modality == "ES") {
    return DicomSubject::kEndoscopy;
  }
  for (const absl::string_view vague : {"", "OT", "SC", "XC", "DOC"}) {
    if (modality == vague) {
      return DicomSubject::kUnknown;
    }
  }
  return DicomSubject::kOther;
}

std::string BodyPart(DcmItem& attributes) {
  std::string part = CodeAt(attributes, DCM_BodyPartExamined);
  if (DcmItem* region = ItemAt(attributes, DCM_AnatomicRegionSequence); part.empty() && region) {
    part = CodeAt(*region, DCM_CodeMeaning);
  }
  return part;
}

// Patient Orientation: where the rows and the columns of the picture lead, by their first letter
// (L, R, A, P, H, F); 0 where it is not said.
struct Directions {
  char row = 0, column = 0;
};
Directions DirectionsOf(DcmItem& attributes) {
  const std::string row = CodeAt(attributes, DCM_PatientOrientation, 0);
  const std::string column = CodeAt(attributes, DCM_PatientOrientation, 1);
  return {row.empty() ? '\0' : row[0], column.empty() ? '\0' : column[0]};
}

// By View Position, else by the meaning of the View Code.
DicomView ViewByName(DcmItem& attributes) {
  const std::string position = CodeAt(attributes, DCM_ViewPosition);
  for (const absl::string_view frontal : {"AP", "PA", "RLD", "LLD", "FRONTAL"}) {
    if (position == frontal) {
      return DicomView::kFrontal;
    }
  }
  for (const absl::string_view other : {"LL", "RL", "RLO", "LLO", "LAO", "RAO", "LPO", "RPO"}) {
    if (position == other) {
      return DicomView::kOther;
    }
  }
  DcmItem* code = ItemAt(attributes, DCM_ViewCodeSequence);
  const std::string words =
      absl::StrCat(position, " ", code == nullptr ? "" : CodeAt(*code, DCM_CodeMeaning));
  if (absl::StrContains(words, "OBLIQUE") ||
      (absl::StrContains(words, "LAT") && !absl::StrContains(words, "DECUB"))) {
    return DicomView::kOther;
  }
  const bool frontal = absl::StrContains(words, "POSTERO-ANTERIOR") ||
                       absl::StrContains(words, "ANTERO-POSTERIOR") ||
                       absl::StrContains(words, "FRONTAL");
  return frontal ? DicomView::kFrontal : DicomView::kUnknown;
}

// Rows of a frontal picture lead to a side and columns to the feet. A picture that is turned or
// lies on its head is none that networks know.
DicomView ViewOf(DcmItem& attributes, Directions to) {
  if (to.row != 0 && to.column != 0) {
    const bool upright = (to.row == 'L' || to.row == 'R') && to.column == 'F';
    if (!upright) {
      return DicomView::kOther;
    }
  }
  return ViewByName(attributes);
}

}  // namespace

absl::Status CheckIsPicture(DcmItem& attributes, bool has_pixels) {
  const std::string uid = UidAt(attributes, DCM_SOPClassUID);
  if (absl::StartsWith(uid, kStorage)) {
    const absl::string_view class_id = absl::string_view(uid).substr(sizeof(kStorage) - 1);
    for (const NoPicture& kind : kNoPictures) {
      if (Names(class_id, kind.class_id)) {
        return Refused(kind.what);
      }
    }
  }
  if (CodeAt(attributes, DCM_PresentationIntentType) == "FOR PROCESSING") {
    return Refused("an image FOR PROCESSING; send the one FOR PRESENTATION");
  }
  return has_pixels ? absl::OkStatus() : Refused("without Pixel Data (7fe0,0010)");
}

DicomNotes ReadNotes(DcmItem& attributes) {
  DicomNotes notes;
  const std::string modality = CodeAt(attributes, DCM_Modality);
  notes.subject = SubjectOf(modality, BodyPart(attributes));
  const Directions to = DirectionsOf(attributes);
  notes.burned_in_text = CodeAt(attributes, DCM_BurnedInAnnotation) == "YES";
  const bool xray = notes.subject == DicomSubject::kXray ||
                    notes.subject == DicomSubject::kChestXray ||
                    notes.subject == DicomSubject::kUnknown;
  if (xray) {
    notes.view = ViewOf(attributes, to);
  }
  if (to.column == 'F' && (to.row == 'L' || to.row == 'R')) {
    notes.viewer_left = to.row == 'L' ? ViewerLeft::kPatientRight : ViewerLeft::kPatientLeft;
  }
  return notes;
}

}  // namespace lingula
