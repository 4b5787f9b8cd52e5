// What the audit log says about one request.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/audit/audit_keys.h"

namespace lingula {

// Empty texts are left out of the line. `request_id` is the only one that comes from the caller as
// it is, and never gets into the file; `instance` is hashed already, with InstanceKey().
struct AuditEvent {
  absl::Time time;     // of the answer
  std::string method;  // "Segment"
  std::string caller;
  std::string request_id;
  std::string instance;
  std::string model;    // "name@version"
  std::string weights;  // SHA-256
  std::string guidance;
  std::vector<std::string> flags;
  std::string code;  // as of absl::StatusCodeToString
  int64_t latency_us = 0;
};

// `event` as fields of a line, without sequence number, and without braces:
// "\"time\":...,\"event\":\"inference\",...".
std::string FieldsOf(const AuditEvent& event, const AuditKeys& keys);

// "2026-11-30T21:12:32.000123Z"
std::string TimeText(absl::Time time);

}  // namespace lingula
