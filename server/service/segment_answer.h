// From native types to the answer on the wire.
#pragma once

#include "lingula/v1/segmentation.pb.h"
#include "server/service/segment_result.h"

namespace lingula {

// Moves strings out of `result`.
void MoveInto(SegmentResult& result, v1::SegmentResponse& response);

}  // namespace lingula
