// The network's answer turned into what callers asked for.
#pragma once

#include <array>
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
#include "server/metrics/metrics.h"
#include "server/service/segment_job.h"

namespace lingula {

// Microseconds of each stage.
struct StageTimes {
  std::array<unsigned, kStages> us{};
  unsigned& operator[](Stage stage) { return us[static_cast<size_t>(stage)]; }
  unsigned operator[](Stage stage) const { return us[static_cast<size_t>(stage)]; }
};

struct EncodedMask {
  MaskForm form = MaskForm::kPng;
  std::string content;  // PNG file or compressed counts
};

struct SegmentResult {
  std::string request_id;
  std::shared_ptr<const LoadedModel> model;  // shared: see SegmentJob::model
  int width = 0, height = 0;                 // of the image sent and of every mask
  float threshold = 0;
  std::vector<EncodedMask> masks;  // in the order asked for
  GuidanceMode guidance = GuidanceMode::kGeneratedReport;
  std::optional<ZoneProbabilities> zones;
  std::string report;
  bool report_truncated = false;
  std::vector<RetrievedPrototype> prototypes;
  float prototype_margin = 0;
  std::optional<LocationText> location;
  MaskSums sums;
  double mean_entropy_bits = 0;
  Trust trust;
  std::vector<v1::Flag> flags;
  StageTimes times;
  BatchReceipt batch;
};

// Lays `prediction` over a picture of `size` and fills mask figures, quality, flags and location.
// Returns the mask, CV_8UC1 of `size`.
cv::Mat Judge(const SegmentJob& job, Prediction prediction, cv::Size size, bool lossy,
              SegmentResult& result);

// Adds the mask in each form asked for. `picture` is read for the overlay only.
// Errors   INTERNAL when a PNG cannot be written.
absl::Status EncodeMasks(const SegmentJob& job, const cv::Mat& mask, const cv::Mat& picture,
                         SegmentResult& result);

// Moves strings out of `result`.
void MoveInto(SegmentResult& result, v1::SegmentResponse& response);

}  // namespace lingula
