// Data sets into memory, with progress on the terminal.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/train/image_cache.h"

namespace lingula {

// LoadImages, saying on standard error how far it is and which files were left out; `csv` is where
// the rows came from. Errors   as LoadImages.
absl::StatusOr<ImageCache> ReadImages(const std::string& csv, const std::vector<DataRow>& rows,
                                      const InputSpec& spec, bool skip_broken);

}  // namespace lingula
