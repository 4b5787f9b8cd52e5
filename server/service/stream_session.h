// The settings of a stream, checked.
#pragma once

#include "absl/status/statusor.h"
#include "lingula/v1/segmentation.pb.h"
#include "server/service/frame_window.h"
#include "server/service/model_table.h"

namespace lingula {

struct StreamSession {
  v1::SegmentRequest request;  // of every frame, less its image
  FrameWindow::Options window;
  float smoothing = 0;  // in [0, 1); 0: none
};

// Errors   INVALID_ARGUMENT with all wrong fields (google.rpc.BadRequest); NOT_FOUND no such model;
//          FAILED_PRECONDITION guidance that the model cannot follow.
absl::StatusOr<StreamSession> SessionFrom(const v1::StreamSettings& settings,
                                          const ModelTable& models);

}  // namespace lingula
