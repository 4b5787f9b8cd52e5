// Lines of an audit log as FHIR R4 AuditEvent resources.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula {

// One resource as JSON without line feeds, for a line without its own; `chain` is the name of the
// log. Empty for lines that only hold files together.
// Errors   INVALID_ARGUMENT not a line of an audit log.
absl::StatusOr<std::string> FhirAuditEvent(absl::string_view line, absl::string_view chain);

}  // namespace lingula
