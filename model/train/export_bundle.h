// From a trained learner to a bundle on disk.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "lingula/bundle/v1/manifest.pb.h"
#include "model/train/learner.h"

namespace lingula {

// Writes <out>/<name>/<version>/: weights (matrices as float16), report table, a golden run on a
// synthetic chest phantom, and what FinishBundle adds. Files of an earlier run are replaced.
absl::Status ExportBundle(const std::string& out, const bundle::v1::Manifest& manifest,
                          const Learner& learner);

// Writes the card and, last, the manifest with the digests of all files into `folder`, which holds
// the other files already. Called again to add scores.
absl::Status FinishBundle(const std::string& folder, const bundle::v1::Manifest& manifest);

// <out>/<name>/<version>
std::string BundleFolder(const std::string& out, const bundle::v1::Manifest& manifest);

}  // namespace lingula
