// From a trained learner to a bundle on disk.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "lingula/bundle/v1/manifest.pb.h"
#include "model/train/learner.h"

namespace lingula {

// Writes <out>/<name>/<version>/: what the learner exports, a golden run on synthetic pictures, and
// what FinishBundle adds. Files of an earlier run are replaced. The learner ends on the CPU, in
// evaluation mode.
absl::Status ExportBundle(const std::string& out, bundle::v1::Manifest manifest, Learner& learner);

}  // namespace lingula
