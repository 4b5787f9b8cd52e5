// Tracing as the configuration wants it.
#pragma once

#include <optional>

#include "server/tracing/span_exporter.h"

namespace lingula {

namespace config::v1 {
class ServerConfig;
}  // namespace config::v1

class Textproto;

// Fields, ranges and defaults as in proto/lingula/config/v1/tracing_config.proto.
struct TracingConfig {
  SpanExporter::Options options;  // but for report
  double sampling_ratio = 0;
};

// Nothing where the configuration has no tracing.
std::optional<TracingConfig> TakeTracing(const config::v1::ServerConfig& proto, Textproto& text);

}  // namespace lingula
