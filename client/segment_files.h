// What `lingula segment` sends for its options, and the files that it writes from an answer.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/segment_options.h"
#include "lingula/v1/segmentation.pb.h"

namespace lingula::cli {

// A request without image and reference mask.
v1::SegmentRequest RequestWith(const SegmentOptions& options);

// A digest of everything but the picture that a result depends on; the same for the same options in
// all runs of this program.
std::string SettingsDigest(const SegmentOptions& options);

// Writes masks into the folders that `options` name, those of a second opinion as
// NAME.second.mask.png, the structured report as NAME.sr.dcm. Returns the paths.
absl::StatusOr<std::vector<std::string>> WriteResults(const SegmentOptions& options,
                                                      const std::string& name,
                                                      const v1::SegmentResponse& answer);

}  // namespace lingula::cli
