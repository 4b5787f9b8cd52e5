// What the audit log counts.
#pragma once

#include <cstdint>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace lingula {

// All zero where there is no audit log. Thread-safe; lives as long as its registry.
class AuditMetrics {
 public:
  explicit AuditMetrics(prometheus::Registry& registry);

  // The first three: since the start. One thread.
  void Set(int64_t written, int64_t dropped, int64_t bytes, int64_t last_sequence,
           double last_write_unix, bool is_writable);

 private:
  prometheus::Counter &written_, &dropped_, &bytes_;
  prometheus::Gauge &last_sequence_, &last_write_, &writable_;
};

}  // namespace lingula
