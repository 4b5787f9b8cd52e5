#include "server/metrics/security_metrics.h"

namespace lingula {

using prometheus::BuildCounter;
using prometheus::BuildGauge;

SecurityMetrics::SecurityMetrics(prometheus::Registry& registry)
    : not_after_(BuildGauge()
                     .Name("lingula_certificate_not_after_timestamp_seconds")
                     .Help("When the certificate that a listener shows ends, in Unix time.")
                     .Register(registry)),
      reloads_(BuildCounter()
                   .Name("lingula_credential_reloads_total")
                   .Help("New content of the files of certificates and callers, by outcome.")
                   .Register(registry)),
      too_many_connections_(BuildCounter()
                                .Name("lingula_refused_connections_total")
                                .Help("Connections closed because too many were open.")
                                .Register(registry)
                                .Add({})) {
  auto& refused = BuildCounter()
                      .Name("lingula_refused_calls_total")
                      .Help("Calls refused at the gate, by reason.")
                      .Register(registry);
  for (size_t i = 0; i < refused_.size(); ++i) {
    refused_[i] = &refused.Add({{"reason", kRefusalReasons[i]}});
  }
}

void SecurityMetrics::SetNotAfter(const std::string& listener, double seconds) {
  not_after_.Add({{"listener", listener}}).Set(seconds);
}

void SecurityMetrics::CountReload(const std::string& kind, bool taken) {
  for (const bool outcome : {true, false}) {  // both are there from the first look on
    reloads_.Add({{"file", kind}, {"outcome", outcome ? "taken" : "refused"}})
        .Increment(outcome == taken ? 1 : 0);
  }
}

}  // namespace lingula
