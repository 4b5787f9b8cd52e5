#include "server/service/request_audit.h"

#include "absl/strings/strip.h"
#include "absl/time/clock.h"

namespace lingula {

void RequestAudit::Answered(const AnsweredRequest& request) {
  const SegmentResult* result = request.result.ok() ? &*request.result : nullptr;
  const DicomFacts& dicom = result != nullptr ? result->dicom : request.dicom;
  const SegmentJob& job = request.job;
  AuditEvent event;
  event.time = absl::Now();
  event.method = request.caller.method;
  event.caller = request.caller.name;
  event.request_id = job.request_id;
  if (dicom.source != nullptr) {
    event.instance = KeyedInstanceHash(*dicom.source, log_.keys().identity);
  }
  if (job.model != nullptr) {
    event.model = job.model->id();
    event.weights = job.model->source().weights_sha256;
  }
  if (!job.forms.empty()) {
    event.guidance = GuidanceName(result != nullptr ? result->guidance : job.guidance);
  }
  if (result != nullptr) {
    for (const v1::Flag flag : result->flags) {
      event.flags.emplace_back(absl::StripPrefix(v1::Flag_Name(flag), "FLAG_"));
    }
  }
  event.code = absl::StatusCodeToString(request.result.status().code());
  event.latency_us = request.times[Stage::kTotal];
  log_.Append(std::move(event));
}

}  // namespace lingula
