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

}  // namespace lingula
