// From a checkpoint that Python trained to a bundle (docs/bundles.md, "Import").
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lingula/bundle/v1/manifest.pb.h"

namespace lingula {

struct ImportOptions {
  std::string checkpoint;  // Lightning .ckpt or bare state dict
  std::string prototypes;  // store of prototypes that replaces the checkpoint's; may be empty
  std::string vocabulary;  // vocab.txt: the bundle keeps its text tower; may be empty
  std::string out;         // repository
  bundle::v1::Manifest manifest;  // as PublishedManifest, with the caller's changes
  bool half = false;              // store matrices as float16
};

struct ImportReceipt {
  std::string folder;                // the bundle
  std::vector<std::string> ignored;  // keys of the checkpoint that no network uses
  int64_t tensors = 0;               // taken over
};

// Published sizes, preprocessing and sides of a family, ready for ImportBundle.
bundle::v1::Manifest PublishedManifest(bundle::v1::Family family);

// Reads the checkpoint without executing anything of it, checks every tensor, compiles the text
// tower into the table of 64 reports, and writes <out>/<name>/<version> with a golden run. `step`
// hears what is being done. How many prototypes there are is taken from their file. Errors   those
// of Checkpoint and PlanKeys; INVALID_ARGUMENT naming a tensor that is not finite, or
//          what is wrong with vocabulary or prototypes; ALREADY_EXISTS when the folder holds a
//          bundle.
absl::StatusOr<ImportReceipt> ImportBundle(const ImportOptions& options,
                                           const std::function<void(const std::string&)>& step);

}  // namespace lingula
