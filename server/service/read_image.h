// From the bytes of a request to the input of its network.
#pragma once

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "model/base/clock.h"
#include "model/dicom/dicom_picture.h"
#include "model/image/pixels.h"
#include "server/service/segment_job.h"
#include "server/service/stage_times.h"

namespace lingula {

// A picture as its network reads it.
struct NetworkInput {
  std::vector<float> pixels;  // as in Sample
  cv::Size size;              // of the mask to come
  Picture picture;            // no pixels unless `job` wants an overlay, none of a tensor
  cv::Mat reference;          // as in Compare; empty when the caller sent none
  DicomFacts dicom;           // of a DICOM file
  ViewerLeft viewer_left = ViewerLeft::kUnknown;  // the file's word, else the caller's
};

// Decodes and preprocesses what `job` brings and keeps both times; a tensor is only checked and
// copied. `check_awaited` is asked in between.
// Errors   its; those of ReadReference; those of DecodeImage, TakePixels, Preprocess, TakeTensor
// and DecodeDicom under FieldOf(job.image); INVALID_ARGUMENT a `job.viewer_left` or `job.frame`
// that contradicts the file.
absl::StatusOr<NetworkInput> ReadImage(const SegmentJob& job, const PixelLimits& limits,
                                       const Clock& clock,
                                       const std::function<absl::Status()>& check_awaited,
                                       StageTimes& times);

}  // namespace lingula
