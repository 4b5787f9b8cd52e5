// The last steps of making a bundle, the same for trained networks and imported checkpoints.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "model/bundle/bundle.h"

namespace lingula {

// <out>/<name>/<version>.
std::string BundleFolder(const std::string& out, const bundle::v1::Manifest& manifest);

// Runs the network whose files are in `folder`, as it was trained, on two synthetic chest phantoms
// and records pictures and answers as the golden file.
absl::Status WriteGolden(const std::string& folder, const bundle::v1::Manifest& manifest);

// Writes the card and, last, the manifest with the digests of all files into `folder`, which holds
// the other files already. Called again to add scores.
absl::Status FinishBundle(const std::string& folder, const bundle::v1::Manifest& manifest);

}  // namespace lingula
