// DCMTK as this folder uses it: prepared once, and silent, since what it logs quotes the file.
#pragma once

#include "absl/status/status.h"

namespace lingula {

// To be called before anything of DCMTK. Turns its log off for the whole process, loads its table
// of attributes and registers its decoders; all of these are then only read, by any thread.
// Errors   INTERNAL the table of attributes is not installed.
absl::Status PrepareDcmtk();

}  // namespace lingula
