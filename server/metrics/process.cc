#include "server/metrics/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace lingula {
namespace {

prometheus::MetricFamily One(const char* name, const char* help, prometheus::MetricType type,
                             double value) {
  prometheus::MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  (type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  return family;
}

// Second number of statm: resident pages.
double ResidentBytes() {
  double total_pages = 0;
  double resident_pages = 0;
  std::ifstream("/proc/self/statm") >> total_pages >> resident_pages;
  return resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double CpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double OpenFiles() {
  std::error_code unreadable;
  const std::filesystem::directory_iterator files("/proc/self/fd", unreadable);
  return static_cast<double>(std::distance(begin(files), end(files)));
}

double MostFiles() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

}  // namespace

ProcessMetrics::ProcessMetrics() : start_seconds_(static_cast<double>(std::time(nullptr))) {}

std::vector<prometheus::MetricFamily> ProcessMetrics::Collect() const {
  constexpr auto kGauge = prometheus::MetricType::Gauge;
  return {One("lingula_process_resident_memory_bytes", "Memory of the process that is in RAM.",
              kGauge, ResidentBytes()),
          One("lingula_process_cpu_seconds_total", "Processor time of all threads.",
              prometheus::MetricType::Counter, CpuSeconds()),
          One("lingula_process_start_time_seconds", "When the server began, since 1970.", kGauge,
              start_seconds_),
          One("lingula_process_open_files", "File descriptors in use.", kGauge, OpenFiles()),
          One("lingula_process_most_files", "File descriptors that the process may have.", kGauge,
              MostFiles())};
}

}  // namespace lingula
