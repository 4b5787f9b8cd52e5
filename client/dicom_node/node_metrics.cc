#include "client/dicom_node/node_metrics.h"

#include <exception>
#include <utility>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>

#include "absl/strings/str_cat.h"

namespace lingula::node {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// One figure or one for each label.
class Family {
 public:
  Family(const char* name, const char* help, MetricType type) {
    family_.name = absl::StrCat("lingula_node_", name);
    family_.help = help;
    family_.type = type;
  }
  Family&& Add(double value, std::vector<ClientMetric::Label> labels = {}) && {
    ClientMetric& metric = family_.metric.emplace_back();
    metric.label = std::move(labels);
    (family_.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    return std::move(*this);
  }
  operator MetricFamily() && { return std::move(family_); }

 private:
  MetricFamily family_;
};

Family Counter(const char* name, const char* help) {
  return {name, help, MetricType::Counter};
}
Family Gauge(const char* name, const char* help) {
  return {name, help, MetricType::Gauge};
}
double Number(int64_t value) {
  return static_cast<double>(value);
}
std::vector<ClientMetric::Label> Labels(const char* step, const char* reason = nullptr) {
  std::vector<ClientMetric::Label> labels{{"step", step}};
  if (reason != nullptr) {
    labels.push_back({"reason", reason});
  }
  return labels;
}

// Read anew for each scrape.
class Figures final : public prometheus::Collectable {
 public:
  Figures(const SpoolOptions& limits, Spool& spool, const Forwarder& forwarder)
      : limits_(limits), spool_(spool), forwarder_(forwarder) {}

  std::vector<MetricFamily> Collect() const override {
    const SpoolCounts counts = spool_.counts();
    const Forwarder::Failures& segment = forwarder_.segment_failures();
    const Forwarder::Failures& store = forwarder_.store_failures();
    return {
        Counter("pictures_received_total", "Pictures that were acknowledged to their sender.")
            .Add(Number(counts.received)),
        Counter("pictures_turned_away_total",
                "Pictures not acknowledged: no room, a failing disk, or not received to the end.")
            .Add(Number(counts.turned_away)),
        Counter("pictures_segmented_total", "Pictures whose results are on the disk.")
            .Add(Number(counts.segmented)),
        Counter("pictures_stored_total", "Pictures whose results the PACS has.")
            .Add(Number(counts.stored)),
        Counter("pictures_refused_total", "Pictures put aside with the reason.")
            .Add(Number(counts.refused)),
        Counter("failures_total", "Attempts that failed.")
            .Add(Number(segment.away), Labels("segment", "away"))
            .Add(Number(segment.other), Labels("segment", "other"))
            .Add(Number(store.away), Labels("store", "away"))
            .Add(Number(store.other), Labels("store", "other")),
        Gauge("pictures_waiting", "Pictures in the spool now, by what comes next.")
            .Add(Number(counts.receiving), Labels("receive"))
            .Add(Number(counts.to_segment), Labels("segment"))
            .Add(Number(counts.to_store), Labels("store")),
        Gauge("oldest_picture_seconds", "How long the oldest picture in the spool has waited.")
            .Add(std::chrono::duration<double>(counts.oldest).count()),
        Gauge("spool_bytes", "Pictures and results in the spool.").Add(Number(counts.bytes)),
        Gauge("spool_limit_bytes", "spool.max_mib.").Add(Number(limits_.max_bytes)),
        Gauge("spool_limit_pictures", "spool.max_files.").Add(Number(limits_.max_files)),
    };
  }

 private:
  const SpoolOptions limits_;
  Spool& spool_;
  const Forwarder& forwarder_;
};

class ServedMetrics final : public NodeMetrics {
 public:
  ServedMetrics(std::shared_ptr<Figures> figures, std::unique_ptr<prometheus::Exposer> http)
      : figures_(std::move(figures)), http_(std::move(http)) {}
  int port() const override { return http_->GetListeningPorts().at(0); }

 private:
  const std::shared_ptr<Figures> figures_;  // the other holds it weakly
  const std::unique_ptr<prometheus::Exposer> http_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<NodeMetrics>> NodeMetrics::Serve(const std::string& host, int port,
                                                                const SpoolOptions& limits,
                                                                Spool& spool,
                                                                const Forwarder& forwarder) {
  const std::string address = absl::StrCat(host, ":", port);
  try {  // CivetWeb throws when it cannot listen
    auto http = std::make_unique<prometheus::Exposer>(address, /*num_threads=*/1);
    auto figures = std::make_shared<Figures>(limits, spool, forwarder);
    http->RegisterCollectable(figures);
    return std::make_unique<ServedMetrics>(std::move(figures), std::move(http));
  } catch (const std::exception& error) {
    return absl::UnavailableError(absl::StrCat("metrics: cannot listen on ", address,
                                               ": listen_host must be an IP address of this "
                                               "machine and the port free (",
                                               error.what(), ")"));
  }
}

}  // namespace lingula::node
