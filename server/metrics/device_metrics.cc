#include "server/metrics/device_metrics.h"

namespace lingula {

std::vector<prometheus::MetricFamily> DeviceMetrics::Collect() const {
  prometheus::MetricFamily memory, cut, up;
  memory.name = "lingula_device_memory_bytes";
  memory.help = "Memory of a device, by what it is used for.";
  memory.type = prometheus::MetricType::Gauge;
  cut.name = "lingula_device_out_of_memory_total";
  cut.help = "Runs that did not fit into a device's memory, and were done in smaller ones.";
  cut.type = prometheus::MetricType::Counter;
  up.name = "lingula_device_up";
  up.help = "1 while a device answers, 0 once it is lost.";
  up.type = prometheus::MetricType::Gauge;
  for (const DeviceFigures& device :
       board_ == nullptr ? std::vector<DeviceFigures>() : board_->figures()) {
    const auto gauge = [&](const char* kind, uint64_t bytes) {
      prometheus::ClientMetric& metric = memory.metric.emplace_back();
      metric.label = {{"device", device.device}, {"kind", kind}};
      metric.gauge.value = static_cast<double>(bytes);
    };
    gauge("total", device.memory.total);
    gauge("free", device.memory.free);
    gauge("reserved", device.memory.reserved);
    prometheus::ClientMetric& metric = cut.metric.emplace_back();
    metric.label = {{"device", device.device}};
    metric.counter.value = device.out_of_memory;
    prometheus::ClientMetric& answers = up.metric.emplace_back();
    answers.label = metric.label;
    answers.gauge.value = device.is_lost ? 0 : 1;
  }
  return {memory, cut, up};
}

}  // namespace lingula
