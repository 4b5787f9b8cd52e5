// `lingula explain`: one image's answer as a page to look at.
#pragma once

#include <iosfwd>
#include <string>

#include "client/client.h"
#include "client/segment_options.h"

namespace lingula::cli {

struct ExplainOptions {
  std::string input;   // PNG, JPEG or DICOM
  std::string page;    // HTML file to write
  std::string model;   // empty: the server's default
  uint32_t frame = 0;  // of a DICOM file, from 1; 0: the first
  v1::ViewerLeft viewer_left = v1::VIEWER_LEFT_UNSPECIFIED;
};

// Asks for the mask in every form that the page shows, and for a second opinion if the model can
// give one. A DICOM file takes a second request: what it looks like is for the server to say.
// Returns an exit code (segment_options.h).
int Explain(Client& client, const ServerOptions& server, const ExplainOptions& options,
            std::ostream& out, std::ostream& err);

}  // namespace lingula::cli
