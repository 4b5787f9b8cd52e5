// The mask under the guidance that came second, and how far it is from the first: how much the
// guidance matters for this picture.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "model/engine/engine.h"
#include "server/service/mask_forms.h"
#include "server/service/segment_job.h"

namespace lingula {

struct SecondResult {
  std::vector<EncodedMask> masks;  // in the order asked for
  std::string report;              // as in Prediction, and so are the next two
  std::vector<RetrievedPrototype> prototypes;
  float prototype_margin = 0;
  std::optional<double> dice;  // of both masks; none: both are empty
  int64_t foreground = 0;      // pixels
};

// Renders `second` at the size of `first` and fills all but its masks.
JudgedMask JudgeSecond(const SegmentJob& job, const SecondPrediction& second,
                       const JudgedMask& first, SecondResult& result);

// Adds the mask in each form asked for but DICOM ones. `picture` is read for the overlay only.
// Errors   INTERNAL when a PNG cannot be written.
absl::Status EncodeSecond(const SegmentJob& job, const JudgedMask& judged, const cv::Mat& picture,
                          SecondResult& result);

}  // namespace lingula
