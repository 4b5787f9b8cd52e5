// What a caller should know before using a mask.
#pragma once

#include <vector>

#include "lingula/v1/quality.pb.h"
#include "server/service/segment_job.h"
#include "server/service/segment_result.h"

namespace lingula {

// Each at most once. Reads of `result` what the
// network, the mask and a DICOM file say.
std::vector<v1::Flag> FlagsFor(const SegmentJob& job, const SegmentResult& result, bool lossy);

}  // namespace lingula
