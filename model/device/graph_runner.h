// A network on a device, as the policy of DeviceInstance needs it.
#pragma once

#include <string>

#include "model/device/device_result.h"
#include "model/device/row_layout.h"

namespace lingula {

// Runs batches of fixed sizes (buckets), each by a graph that was captured once.
// Threads  One at a time.
class GraphRunner {
 public:
  virtual ~GraphRunner() = default;

  virtual const RowLayout& layout() const = 0;
  // Rows that fit: the largest bucket.
  virtual int max_rows() const = 0;
  virtual bool reads_free_text() const = 0;
  // Staging memory that the device copies from and to: [max_rows, row_in], [max_rows, row_out].
  // Rows stay as they are until they are written.
  virtual float* rows_in() = 0;
  virtual const float* rows_out() const = 0;

  // Prepares runs of `bucket` rows.
  virtual DeviceResult Capture(int bucket) = 0;
  // Runs a captured bucket of which the first `used` rows are copied in and out. Returns when the
  // answers lie in rows_out.
  virtual DeviceResult Run(int bucket, int used) = 0;
  // Frees what Capture made, and what nothing uses.
  virtual void Drop(int bucket) = 0;
  // A caller's words become report kGrammarReports + slot, slot < max_rows. `truncated`: the end
  // was not read.
  virtual DeviceResult ReadText(int slot, const std::string& text, bool& truncated) = 0;
};

}  // namespace lingula
