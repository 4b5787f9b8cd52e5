// Sides of a patient as a picture shows them (docs/architecture.md, "Sides").
#pragma once

namespace lingula {

// Which side of the patient is seen on the left of the image.
enum class ViewerLeft { kUnknown, kPatientRight, kPatientLeft };
enum class PatientSide { kUnknown, kLeft, kRight };

}  // namespace lingula
