#include "server/metrics/process.h"

#include <unistd.h>

#include <fstream>

namespace lingula {

std::vector<prometheus::MetricFamily> ProcessMetrics::Collect() const {
  // Second number of statm: resident pages.
  double total_pages = 0;
  double resident_pages = 0;
  std::ifstream("/proc/self/statm") >> total_pages >> resident_pages;
  prometheus::ClientMetric metric;
  metric.gauge.value = resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
  prometheus::MetricFamily family;
  family.name = "lingula_process_resident_memory_bytes";
  family.help = "Memory of the process that is in RAM.";
  family.type = prometheus::MetricType::Gauge;
  family.metric.push_back(metric);
  return {family};
}

}  // namespace lingula
