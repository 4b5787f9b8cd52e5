#include "server/metrics/span_metrics.h"

namespace lingula {

SpanMetrics::SpanMetrics(prometheus::Registry& registry)
    : spans_(prometheus::BuildCounter()
                 .Name("lingula_spans_total")
                 .Help("Spans of traces by what became of them.")
                 .Register(registry)),
      exported_(spans_.Add({{"outcome", "exported"}})),
      dropped_(spans_.Add({{"outcome", "dropped"}})) {}

void SpanMetrics::Set(int64_t exported, int64_t dropped) {
  exported_.Increment(static_cast<double>(exported) - exported_.Value());
  dropped_.Increment(static_cast<double>(dropped) - dropped_.Value());
}

}  // namespace lingula
