// Data sets as CSV files: `image,mask` and optionally `zones`, `report`, `group`, `split`
// (docs/bundles.md, "Data manifests").
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/base/zones.h"

namespace lingula {

struct DataRow {
  std::string image, mask;        // paths, resolved against the CSV's folder
  std::optional<ZoneBits> zones;  // from `zones`, else from `report` when it is of the grammar
  std::string report;             // as it stands there; empty where a row has none
  std::string group, split;
  int line = 0;  // in the CSV, for messages
};

// Whether a row may leave its mask empty: pictures from outside the training data have none.
enum class Masks { kRequired, kOptional };

// Reads a data manifest with a header line; fields may be quoted. `split` empty: all rows, else
// only rows of that split (a file without that column counts as one split).
// Errors   INVALID_ARGUMENT with file and line for a missing column, a short row or bad zones;
//          NOT_FOUND for an empty selection.
absl::StatusOr<std::vector<DataRow>> ReadDataManifest(const std::string& path,
                                                      const std::string& split = "",
                                                      Masks masks = Masks::kRequired);

// Six 0/1 in the order of Zone, with or without separators: "100100", "1 0 0 1 0 0", "1,0,0,1,0,0".
// Two are whole lungs, image left and image right, and stand for the three zones of each.
std::optional<ZoneBits> ParseZones(absl::string_view text);

}  // namespace lingula
