// The images of a ModelInfer call.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "inference/grpc_service.pb.h"
#include "server/service/segment_job.h"

namespace lingula {

// One entry for each image, in order; borrows the bytes of `request`.
// Errors   INVALID_ARGUMENT anything but one input, IMAGE or TENSOR, of a shape and datatype that
//          `model` takes, whose elements fill it; google.rpc.BadRequest names the input.
absl::StatusOr<std::vector<ImageSource>> ImagesFrom(const inference::ModelInferRequest& request,
                                                    const LoadedModel& model);

}  // namespace lingula
