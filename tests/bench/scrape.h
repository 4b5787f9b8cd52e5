// What a server says of itself at /metrics.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lingula::bench {

// Samples by name and labels as the server writes them: `lingula_requests_total{code="OK",...}`.
using Samples = std::map<std::string, double>;

// `target`: host:port. UNAVAILABLE when nobody answers there.
absl::StatusOr<Samples> Scrape(const std::string& target);

// Prometheus' text form; lines that are not samples are skipped.
Samples ParseSamples(absl::string_view text);

// Sum of the samples of `name` whose labels hold each of `labels` (`code="OK"`).
double Sum(const Samples& samples, absl::string_view name,
           std::initializer_list<absl::string_view> labels = {});

// after - before, sample by sample.
Samples Growth(const Samples& before, const Samples& after);

}  // namespace lingula::bench
