// A checked request in native types.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lingula/v1/segmentation.pb.h"
#include "model/base/zones.h"
#include "model/engine/engine.h"
#include "model/image/pixels.h"
#include "model/text/location_text.h"
#include "server/service/model_table.h"

namespace lingula {

enum class MaskForm { kPng, kCocoRle, kOverlayPng };

struct SegmentJob {
  std::string request_id;  // the caller's or a fresh one
  ModelHandle model;       // held until the answer: it may be replaced meanwhile
  std::variant<absl::string_view, RawPixels> image;  // a file or pixels; borrowed from the request
  GuidanceMode guidance = GuidanceMode::kGeneratedReport;
  ZoneBits report;              // kReport only
  std::string free_text;        // kReport only: when not empty, instead of `report`
  std::vector<MaskForm> forms;  // at least one, each at most once
  float threshold = 0.5F;       // in (0, 1)
  bool want_location = false;
  ViewerLeft viewer_left = ViewerLeft::kUnknown;
};

// Checks everything that needs no pixels, cheaply enough for a gRPC thread. The result borrows from
// `request`.
// Errors   INVALID_ARGUMENT with all wrong fields (google.rpc.BadRequest); NOT_FOUND no such model;
//          FAILED_PRECONDITION guidance that the model cannot follow.
absl::StatusOr<SegmentJob> JobFrom(const v1::SegmentRequest& request, const ModelTable& models);

}  // namespace lingula
