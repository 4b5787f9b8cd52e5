// Measures a finished bundle and notes the figures in it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "model/train/data_manifest.h"

namespace lingula {

// Runs the bundle in `folder` over labelled rows the way it will be served, guided in each way that
// its family knows, and writes scores (as measured on `data`) and the precision that its masks bear
// into its manifest and card.
absl::Status AddScores(const std::string& folder, const std::vector<DataRow>& rows,
                       const std::string& data);

}  // namespace lingula
