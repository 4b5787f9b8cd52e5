// The folder that a training run writes into.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace lingula {

inline constexpr char kLastFile[] = "last.safetensors";  // everything needed to go on
inline constexpr char kBestFile[] = "best.safetensors";  // the weights to be exported

// Makes the folder and sees that files can be written there.
// Errors   NOT_FOUND nothing to resume; ALREADY_EXISTS a run that `resume` would go on from; those
//          of writing.
absl::Status PrepareRunFolder(const std::string& folder, bool resume);

}  // namespace lingula
