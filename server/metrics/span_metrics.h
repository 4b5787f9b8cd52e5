// What became of the spans of traces.
#pragma once

#include <cstdint>

#include <prometheus/counter.h>
#include <prometheus/registry.h>

namespace lingula {

// All zero where there is no tracing. Thread-safe; lives as long as its registry.
class SpanMetrics {
 public:
  explicit SpanMetrics(prometheus::Registry& registry);

  // Since the start. One thread.
  void Set(int64_t exported, int64_t dropped);

 private:
  prometheus::Family<prometheus::Counter>& spans_;
  prometheus::Counter &exported_, &dropped_;
};

}  // namespace lingula
