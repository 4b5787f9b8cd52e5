// One association of the node: what a modality or gateway sends. C-ECHO and C-STORE.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "client/dicom_node/spool.h"

namespace lingula::node {

struct AssociationOptions {
  std::string ae_title;                        // our own; callers of another one are rejected
  std::vector<std::string> calling_ae_titles;  // who may call; none: everybody
  int idle_s = 30;                             // longest silence of the other side
  int64_t max_file_bytes = int64_t{64} << 20;
};

// Serves the association that comes on `socket`, an accepted connection that this closes, until the
// other side ends it, falls silent, or `stopping` and no picture is being received. `busy`: rejects
// it as transient.
//
// A C-STORE is answered with success after the picture is on the disk (Spool::Commit); A700, Out of
// Resources, when the spool has no room or the disk fails. A picture above max_file_bytes ends the
// association: there is no way in DICOM to refuse the rest of a message.
// Taken are CR, DX for presentation, VL endoscopic and photographic, and secondary capture
// (PS3.4 B.5), in every transfer syntax that the service reads (PS3.5 10).
// Threads  Any number at a time. Logs nothing that the other side sent but its AE title.
void ServeAssociation(int socket, const AssociationOptions& options, bool busy, Spool& spool,
                      const std::atomic<bool>& stopping);

}  // namespace lingula::node
