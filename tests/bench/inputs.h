// What is sent, and what a caller without a server would do with it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <grpcpp/support/status_code_enum.h>

#include "absl/status/statusor.h"
#include "lingula/v1/segmentation.pb.h"
#include "model/engine/engine.h"
#include "model/image/preprocess.h"

namespace lingula::bench {

// An X-ray drawn by a formula in one of the forms a caller may choose. Asks for COCO RLE: of the
// mask formats it has the fewest bytes and the cheapest encoder.
struct Input {
  std::string key;   // in the names of figures; empty: the main one
  std::string name;  // for people
  lingula::v1::SegmentRequest request;
  // What a server owes it: OK, or the code that it must be refused with.
  grpc::StatusCode expected = grpc::StatusCode::OK;
};

Input Jpeg1024();
Input Raw1024();
// Pixels of the network's own size: almost nothing to decode and to render.
Input RawOfSide(int side_px);
// The network's input itself. `sample` as Prepare gives it for RawOfSide.
Input TensorOf(const Sample& sample, const InputSpec& spec);
// Files that are none, pixels that are missing, a model that nobody has.
std::vector<Input> BadInputs();

// Decodes and preprocesses as the server does.
absl::StatusOr<Sample> Prepare(const Input& input, const InputSpec& spec);

}  // namespace lingula::bench
