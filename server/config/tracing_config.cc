#include "server/config/tracing_config.h"

#include "lingula/config/v1/server_config.pb.h"
#include "model/bundle/take.h"
#include "model/bundle/textproto.h"

namespace lingula {

std::optional<TracingConfig> TakeTracing(const config::v1::ServerConfig& proto, Textproto& text) {
  if (!proto.has_tracing()) {
    return std::nullopt;
  }
  const config::v1::Tracing& from = proto.tracing();
  TracingConfig tracing;
  tracing.options.endpoint = from.endpoint();
  if (from.endpoint().empty()) {
    text.Problem("tracing.endpoint", "must name a collector: \"127.0.0.1:4317\", for example");
  }
  tracing.sampling_ratio = from.sampling_ratio();
  if (!(tracing.sampling_ratio >= 0 && tracing.sampling_ratio <= 1)) {  // NaN neither
    text.Problem("tracing.sampling_ratio", "must be in [0, 1]");
  }
  Take(text, "tracing.max_queued", from.max_queued(), 512, 1 << 20, tracing.options.max_queued);
  int64_t interval_ms = tracing.options.interval.count();
  Take(text, "tracing.export_interval_ms", from.export_interval_ms(), 10, 60'000, interval_ms);
  tracing.options.interval = std::chrono::milliseconds(interval_ms);
  return tracing;
}

}  // namespace lingula
