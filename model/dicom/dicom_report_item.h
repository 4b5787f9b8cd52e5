// Content items of a structured report (PS3.3 C.17.3). `parent` is the item whose content grows.
// Private to this folder; not thread-safe.
#pragma once

#include "absl/strings/string_view.h"
#include "model/dicom/dicom_codes.h"
#include "model/dicom/dicom_item.h"

namespace lingula {

constexpr char kContains[] = "CONTAINS";
constexpr char kModifies[] = "HAS CONCEPT MOD";
constexpr char kContext[] = "HAS OBS CONTEXT";

// What the root, which is no content item of another, and every container have.
void BeginContainer(DicomItem& item, const CodedConcept& name, const char* template_id);

// A container of template `template_id` (PS3.16); null: of none.
DicomItem AddContainer(DicomItem& parent, const CodedConcept& name, const char* template_id);

void AddCode(DicomItem& parent, const char* relationship, const CodedConcept& name,
             const CodedConcept& value);
void AddText(DicomItem& parent, const char* relationship, const CodedConcept& name,
             absl::string_view text);
void AddUid(DicomItem& parent, const char* relationship, const CodedConcept& name,
            absl::string_view uid);
// The number's item, to which modifiers can be added.
DicomItem AddNumber(DicomItem& parent, const CodedConcept& name, double value,
                    const CodedConcept& unit);

// The item that is to say which image (PS3.3 10.8).
DicomItem AddImage(DicomItem& parent, const CodedConcept& name);

}  // namespace lingula
