// What devices say about themselves, read anew for each scrape.
#pragma once

#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include "model/device/device_board.h"

namespace lingula {

class DeviceMetrics final : public prometheus::Collectable {
 public:
  // Null: everything runs on the processor.
  explicit DeviceMetrics(const DeviceBoard* board) : board_(board) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const DeviceBoard* const board_;
};

}  // namespace lingula
