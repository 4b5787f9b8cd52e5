// Answers of the pipeline as tensors.
#pragma once

#include <vector>

#include "inference/grpc_service.pb.h"
#include "server/kserve/tensor_schema.h"
#include "server/service/segment_result.h"

namespace lingula {

// `results`, at least one and all of one model, in the order of the images of the call; for outputs
// with pixels all of one size. Each holds its mask in the forms that `outputs` need.
void WriteResponse(const std::vector<InferOutput>& outputs,
                   const std::vector<SegmentResult>& results,
                   inference::ModelInferResponse& response);

}  // namespace lingula
