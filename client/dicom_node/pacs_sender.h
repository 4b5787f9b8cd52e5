// Results to the PACS, by C-STORE.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace lingula::node {

struct PacsOptions {
  std::string host;
  int port = 104;
  std::string ae_title;      // the PACS's
  std::string own_ae_title;  // ours
  int timeout_s = 30;        // longest silence
};

// Stores one DICOM file in an association of its own.
// Errors   UNAVAILABLE: the PACS is away, refuses the association, takes no such objects, or has no
//          room (A7xx): worth trying again. INVALID_ARGUMENT: it refuses this very object (any
//          other failure status, PS3.4 B.2.3), by the status. A warning (Bxxx) is a success.
// Threads  Any number at a time. Blocks for as long as the PACS does, timeout_s in silence.
absl::Status StoreInPacs(const PacsOptions& options, const std::string& file);

}  // namespace lingula::node
