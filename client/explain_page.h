// The page of `lingula explain`.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "client/explain_pictures.h"
#include "lingula/v1/segmentation.pb.h"

namespace lingula::cli {

struct PageInput {
  std::string name;  // of the image, as the user gave it
  // With polygons.
  v1::SegmentResponse answer;
  PagePicture picture, probabilities;
  // As the request said; what a DICOM file says counts before it.
  v1::ViewerLeft viewer_left = v1::VIEWER_LEFT_UNSPECIFIED;
};

// A whole HTML document, well-formed XML too, that refers to nothing outside itself and forbids
// itself to (Content-Security-Policy). All texts are escaped. It holds what the user gave and what
// the answer says, no date and no path.
std::string ExplainPage(const PageInput& input);

// Which side of the patient the image's left shows, as far as anybody said.
v1::ViewerLeft ViewerLeftOf(const PageInput& input);

// For HTML text and attribute values.
std::string EscapeHtml(absl::string_view text);

}  // namespace lingula::cli
