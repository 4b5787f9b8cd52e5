// What is counted of callers who were refused, and of files that say who may call.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace lingula {

// Reasons of lingula_refused_calls_total, in the order of Refusal (server/security/gate.h).
inline constexpr std::array<const char*, 5> kRefusalReasons = {
    "unauthenticated", "permission_denied", "rate", "concurrency", "streams"};

// Thread-safe; lives as long as its registry.
class SecurityMetrics {
 public:
  explicit SecurityMetrics(prometheus::Registry& registry);

  // `reason`: a place in kRefusalReasons.
  void CountRefusal(size_t reason) { refused_[reason]->Increment(); }
  // Of the listener "grpc" or "admin": when its certificate ends, seconds since 1970.
  void SetNotAfter(const std::string& listener, double seconds);
  // New content of the files `kind`, "certificate" or "callers".
  void CountReload(const std::string& kind, bool taken);
  void CountTooManyConnections() { too_many_connections_.Increment(); }

 private:
  std::array<prometheus::Counter*, kRefusalReasons.size()> refused_;
  prometheus::Family<prometheus::Gauge>& not_after_;
  prometheus::Family<prometheus::Counter>& reloads_;
  prometheus::Counter& too_many_connections_;
};

}  // namespace lingula
