#include "model/dicom/dicom_report_item.h"

#include "absl/strings/str_format.h"

namespace lingula {
namespace {

DicomItem Add(DicomItem& parent, const char* relationship, const char* type,
              const CodedConcept& name) {
  DicomItem item = parent.Append(DCM_ContentSequence);
  item.Text(DCM_RelationshipType, relationship);
  item.Text(DCM_ValueType, type);
  item.Code(DCM_ConceptNameCodeSequence, name);
  return item;
}

void SetContainer(DicomItem& item, const char* template_id) {
  item.Text(DCM_ContinuityOfContent, "SEPARATE");
  if (template_id != nullptr) {
    DicomItem made_by = item.Append(DCM_ContentTemplateSequence);
    made_by.Text(DCM_MappingResource, "DCMR");
    made_by.Text(DCM_TemplateIdentifier, template_id);
  }
}

}  // namespace

void BeginContainer(DicomItem& item, const CodedConcept& name, const char* template_id) {
  item.Text(DCM_ValueType, "CONTAINER");
  item.Code(DCM_ConceptNameCodeSequence, name);
  SetContainer(item, template_id);
}

DicomItem AddContainer(DicomItem& parent, const CodedConcept& name, const char* template_id) {
  DicomItem item = Add(parent, kContains, "CONTAINER", name);
  SetContainer(item, template_id);
  return item;
}

void AddCode(DicomItem& parent, const char* relationship, const CodedConcept& name,
             const CodedConcept& value) {
  Add(parent, relationship, "CODE", name).Code(DCM_ConceptCodeSequence, value);
}

void AddText(DicomItem& parent, const char* relationship, const CodedConcept& name,
             absl::string_view text) {
  Add(parent, relationship, "TEXT", name).Text(DCM_TextValue, text);
}

void AddUid(DicomItem& parent, const char* relationship, const CodedConcept& name,
            absl::string_view uid) {
  Add(parent, relationship, "UIDREF", name).Text(DCM_UID, uid);
}

DicomItem AddNumber(DicomItem& parent, const CodedConcept& name, double value,
                    const CodedConcept& unit) {
  DicomItem item = Add(parent, kContains, "NUM", name);
  DicomItem number = item.Append(DCM_MeasuredValueSequence);
  number.Text(DCM_NumericValue, absl::StrFormat("%.6g", value));  // a DS has 16 bytes
  number.Code(DCM_MeasurementUnitsCodeSequence, unit);
  return item;
}

DicomItem AddImage(DicomItem& parent, const CodedConcept& name) {
  return Add(parent, kContains, "IMAGE", name).Append(DCM_ReferencedSOPSequence);
}

}  // namespace lingula
