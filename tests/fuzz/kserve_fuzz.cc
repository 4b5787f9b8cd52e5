// ModelInfer requests as they come off the wire.
#include "server/kserve/infer_job.h"
#include "tests/fuzz/target.h"
#include "tests/server/kserve/element.h"
#include "tests/server/service/fake_models.h"

namespace lingula::fuzz {
namespace {

inference::ModelInferRequest Request(const char* name, const char* datatype,
                                     const std::vector<int64_t>& shape, const std::string& raw) {
  inference::ModelInferRequest request;
  request.set_model_name("xray");
  auto& input = *request.add_inputs();
  input.set_name(name);
  input.set_datatype(datatype);
  input.mutable_shape()->Add(shape.begin(), shape.end());
  request.add_raw_input_contents(raw);
  return request;
}

}  // namespace

std::vector<std::string> Seeds() {
  const std::string png = test::GoodPng();
  inference::ModelInferRequest files = Request("IMAGE", "BYTES", {1, 1}, test::Element(png));
  inference::ModelInferRequest two =
      Request("IMAGE", "BYTES", {2}, test::Element(png) + test::Element(png));
  two.add_outputs()->set_name("MASK");
  inference::ModelInferRequest tensor =
      Request("TENSOR", "FP32", {1, 1, 32, 32}, std::string(4096, 'a'));
  auto& parameters = *tensor.mutable_parameters();
  parameters["report"].set_string_param("no infection");
  parameters["threshold"].set_double_param(0.25);
  parameters["timeout"].set_uint64_param(UINT64_MAX);
  inference::ModelInferRequest huge = Request("TENSOR", "FP32", {INT64_MAX, 1, 32, 32}, "");
  std::vector<std::string> seeds;
  for (const auto& request : {files, two, tensor, huge}) {
    seeds.push_back(request.SerializeAsString());
  }
  return seeds;
}

bool Accepts(absl::string_view input) {
  inference::ModelInferRequest request;
  if (!request.ParseFromArray(input.data(), static_cast<int>(input.size()))) {
    return false;
  }
  const absl::StatusOr<InferJob> job = InferJobFrom(request, test::OneModel());
  if (!job.ok()) {
    RequireMessage(job.status().message());
    return false;
  }
  Require(!job->images.empty() && job->images.size() <= kMaxImagesPerCall, "images are bounded");
  Require(!job->outputs.empty() && job->outputs.size() <= kInferOutputs, "outputs are bounded");
  size_t bytes = 0;
  for (const SegmentJob& image : job->images) {
    const auto* tensor = std::get_if<TensorPixels>(&image.image);
    bytes +=
        tensor != nullptr ? tensor->data.size() : std::get<absl::string_view>(image.image).size();
  }
  Require(bytes <= input.size(), "no image reaches beyond the request");
  return true;
}

}  // namespace lingula::fuzz
