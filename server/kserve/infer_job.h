// A ModelInfer call as work for the pipeline.
#pragma once

#include <chrono>
#include <vector>

#include "absl/status/statusor.h"
#include "inference/grpc_service.pb.h"
#include "server/kserve/tensor_schema.h"
#include "server/service/segment_job.h"

namespace lingula {

struct InferJob {
  std::vector<SegmentJob> images;    // at least one
  std::vector<InferOutput> outputs;  // each at most once
  // How long the caller waits, besides the call's deadline.
  std::chrono::microseconds timeout = std::chrono::microseconds::max();
};

// "name" and "version" of the protocol; an empty version stands for the highest that is loaded.
// Errors   INVALID_ARGUMENT no name; NOT_FOUND.
absl::StatusOr<ModelHandle> FindModel(const ModelTable& models, absl::string_view name,
                                      absl::string_view version);

// Checks all that needs no pixels but the sizes in their files' headers. Borrows from `request` and
// `models`.
// Errors   those of ImagesFrom and of lingula's JobFrom; INVALID_ARGUMENT unknown parameters and
//          outputs, and images of several sizes where one tensor is to hold their masks;
//          OUT_OF_RANGE an answer of more than 256 MiB.
absl::StatusOr<InferJob> InferJobFrom(const inference::ModelInferRequest& request,
                                      const ModelTable& models);

}  // namespace lingula
