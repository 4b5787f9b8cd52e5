// The network's answer turned into what callers asked for.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lingula/v1/segmentation.pb.h"
#include "model/calibration/trust.h"
#include "model/engine/engine.h"
#include "model/image/mask.h"
#include "model/text/location_text.h"
#include "server/batching/batch_queue.h"
#include "server/service/mask_forms.h"
#include "server/service/overlap.h"
#include "server/service/second_opinion.h"
#include "server/service/segment_job.h"
#include "server/service/stage_times.h"

namespace lingula {

struct SegmentResult {
  std::string request_id;
  std::shared_ptr<const LoadedModel> model;  // shared: see SegmentJob::model
  int width = 0, height = 0;                 // of the image sent and of every mask
  float threshold = 0;
  std::vector<EncodedMask> masks;  // in the order asked for
  std::string structured_report;   // a DICOM file; empty: not asked for
  GuidanceMode guidance = GuidanceMode::kGeneratedReport;
  std::optional<ZoneProbabilities> zones;
  std::string report;
  bool report_truncated = false;
  std::vector<RetrievedPrototype> prototypes;
  float prototype_margin = 0;
  std::optional<LocationText> location;
  MaskSums sums;
  Trust trust;
  std::optional<MaskOverlap> overlap;  // with the caller's own mask
  std::optional<SecondResult> second;
  std::vector<v1::Flag> flags;
  DicomFacts dicom;
  ViewerLeft viewer_left = ViewerLeft::kUnknown;  // as the answer's words take it
  StageTimes times;
  BatchReceipt batch;
};

// Lays `prediction` over a picture of `size` and fills mask figures, quality, flags and location.
JudgedMask Judge(const SegmentJob& job, Prediction prediction, cv::Size size, bool lossy,
                 SegmentResult& result);

// Adds the mask in each form asked for, and the report about it. `picture` is read for the overlay
// only, and `result.dicom` for DICOM objects.
// Errors   INTERNAL when a file cannot be written; INVALID_ARGUMENT, under image.encoded, nothing
// can
//          refer to the DICOM file.
absl::Status EncodeMasks(const SegmentJob& job, const JudgedMask& judged, const cv::Mat& picture,
                         SegmentResult& result);

}  // namespace lingula
