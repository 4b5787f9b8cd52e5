// The node's configuration, checked.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/channel_security.h"
#include "client/dicom_node/association.h"
#include "client/dicom_node/forwarder.h"
#include "client/dicom_node/pacs_sender.h"
#include "client/dicom_node/spool.h"

namespace lingula::node {

// Field by field config.v1.DicomNodeConfig.
struct NodeConfig {
  std::string listen_host = "127.0.0.1";
  int port = 11112;
  std::optional<int> metrics_port;  // none: no metrics
  int max_associations = 8;
  std::string service = "127.0.0.1:8500";
  ChannelSecurity security;  // on the way to the service
  std::chrono::milliseconds deadline{60000};
  AssociationOptions association;
  PacsOptions pacs;
  SpoolOptions spool;
  ForwarderOptions forwarder;
};

// INVALID_ARGUMENT with every mistake at its line and column. `file` is for messages and for what
// the spool's folder is relative to.
absl::StatusOr<NodeConfig> ParseNodeConfig(absl::string_view text, absl::string_view file);

}  // namespace lingula::node
