// How a failed golden run is told apart from other reasons not to load a bundle: then this build or
// processor computes something else than the bundle was made for, and its files are as they were.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/string_view.h"

namespace lingula {

inline constexpr char kGoldenRunPayload[] = "lingula/golden-run";

// FAILED_PRECONDITION.
inline absl::Status GoldenRunFailed(absl::string_view what) {
  absl::Status status = absl::FailedPreconditionError(what);
  status.SetPayload(kGoldenRunPayload, absl::Cord("failed"));
  return status;
}

inline bool IsGoldenRunFailed(const absl::Status& status) {
  return status.GetPayload(kGoldenRunPayload).has_value();
}

}  // namespace lingula
