#include "server/kserve/infer_job.h"

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "server/service/errors.h"
#include "tests/server/kserve/element.h"
#include "tests/server/service/fake_models.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using inference::ModelInferRequest;
using test::Element;
using test::IsOk;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr size_t kTensorBytes = sizeof(float) * 32 * 32;

void SetInput(ModelInferRequest& request, const std::string& name, const std::string& datatype,
              const std::vector<int64_t>& shape, const std::string& raw) {
  request.clear_inputs();
  request.clear_raw_input_contents();
  auto& input = *request.add_inputs();
  input.set_name(name);
  input.set_datatype(datatype);
  input.mutable_shape()->Add(shape.begin(), shape.end());
  request.add_raw_input_contents(raw);
}

class InferJobTest : public testing::Test {
 protected:
  InferJobTest() {
    models_ = *ModelTable::Create(
        test::Sources(test::FakeSource("xray", "1"), test::FakeSource("xray", "2")), {},
        Clock::Real(), metrics_);
    request_.set_model_name("xray");
    SetInput(request_, "IMAGE", "BYTES", {1}, Element(test::GoodPng()));
  }

  Metrics metrics_;
  std::unique_ptr<ModelTable> models_;
  ModelInferRequest request_;
};

TEST_F(InferJobTest, FilesAreTakenInOrder) {
  SetInput(request_, "IMAGE", "BYTES", {2, 1}, Element("first") + Element("second"));
  const auto job = InferJobFrom(request_, *models_);
  ASSERT_THAT(job, IsOk());
  ASSERT_THAT(job->images, SizeIs(2));
  EXPECT_EQ(std::get<absl::string_view>(job->images[0].image), "first");
  EXPECT_EQ(std::get<absl::string_view>(job->images[1].image), "second");
  EXPECT_EQ(job->images[1].model->id(), "xray@2");
  EXPECT_THAT(job->images[1].forms, ElementsAre(MaskForm::kPng));
  EXPECT_TRUE(job->images[0].want_location);
  EXPECT_THAT(job->outputs, ElementsAre(InferOutput::kMaskPng, InferOutput::kExpectedDice,
                                        InferOutput::kText, InferOutput::kFlags));
  EXPECT_EQ(job->timeout, std::chrono::microseconds::max());
}

TEST_F(InferJobTest, TensorsAreTakenInOrder) {
  SetInput(request_, "TENSOR", "FP32", {2, 1, 32, 32},
           std::string(kTensorBytes, 'a') + std::string(kTensorBytes, 'b'));
  const auto job = InferJobFrom(request_, *models_);
  ASSERT_THAT(job, IsOk());
  ASSERT_THAT(job->images, SizeIs(2));
  EXPECT_EQ(std::get<TensorPixels>(job->images[1].image).data, std::string(kTensorBytes, 'b'));
  EXPECT_THAT(job->outputs, SizeIs(kInferOutputs)) << "all that there are";
}

TEST_F(InferJobTest, ContentsAreTakenToo) {
  request_.clear_raw_input_contents();
  request_.mutable_inputs(0)->mutable_contents()->add_bytes_contents("file");
  EXPECT_EQ(std::get<absl::string_view>(InferJobFrom(request_, *models_)->images[0].image), "file");
  SetInput(request_, "TENSOR", "FP32", {1, 1, 32, 32}, "");
  request_.clear_raw_input_contents();
  auto& floats = *request_.mutable_inputs(0)->mutable_contents()->mutable_fp32_contents();
  floats.Resize(32 * 32, 1.0F);
  const auto job = InferJobFrom(request_, *models_);
  ASSERT_THAT(job, IsOk());
  EXPECT_EQ(std::get<TensorPixels>(job->images[0].image).data.size(), kTensorBytes);
}

TEST_F(InferJobTest, ParametersAreTaken) {
  auto& parameters = *request_.mutable_parameters();
  parameters["report"].set_string_param(
      "Unilateral pulmonary infection, one infected area, lower left lung.");
  parameters["threshold"].set_double_param(0.25);
  parameters["viewer_left"].set_string_param("patient_right");
  parameters["timeout"].set_int64_param(1500);
  parameters["triton_enable_empty_final_response"].set_bool_param(true);  // of no concern to us
  request_.set_id("study-7");
  request_.set_model_version("1");
  const auto job = InferJobFrom(request_, *models_);
  ASSERT_THAT(job, IsOk());
  const SegmentJob& image = job->images[0];
  EXPECT_EQ(image.model->id(), "xray@1");
  EXPECT_EQ(image.request_id, "study-7");
  EXPECT_EQ(image.guidance, GuidanceMode::kReport);
  EXPECT_EQ(image.threshold, 0.25F);
  EXPECT_EQ(image.viewer_left, ViewerLeft::kPatientRight);
  EXPECT_EQ(job->timeout, std::chrono::microseconds(1500));
}

TEST_F(InferJobTest, OnlyTheOutputsNamedAreMade) {
  request_.add_outputs()->set_name("PROBABILITIES");
  request_.add_outputs()->set_name("MASK");
  auto job = InferJobFrom(request_, *models_);
  ASSERT_THAT(job, IsOk());
  EXPECT_THAT(job->outputs, ElementsAre(InferOutput::kProbabilities, InferOutput::kMask));
  EXPECT_THAT(job->images[0].forms,
              ElementsAre(MaskForm::kProbabilitiesFloat32, MaskForm::kLabels));
  EXPECT_FALSE(job->images[0].want_location);
  request_.clear_outputs();
  request_.add_outputs()->set_name("EXPECTED_DICE");
  job = InferJobFrom(request_, *models_);
  ASSERT_THAT(job, IsOk());
  EXPECT_THAT(job->images[0].forms, IsEmpty());
}

struct Mistake {
  const char* name;
  std::function<void(ModelInferRequest&)> make;
  absl::StatusCode code;
  const char* message;
};

void SetParameter(ModelInferRequest& request, const char* name, const char* value) {
  (*request.mutable_parameters())[name].set_string_param(value);
}

// The header of a grey PNG that claims `width` x `height`; there is nothing behind it.
std::string HeaderOnly(int width, int height) {
  std::string file = test::GoodPng();
  for (int i = 0; i < 4; ++i) {
    file[16 + i] = static_cast<char>(width >> (24 - 8 * i));
    file[20 + i] = static_cast<char>(height >> (24 - 8 * i));
  }
  return file;
}

const Mistake kMistakes[] = {
    {"no_model", [](auto& r) { r.clear_model_name(); }, kInvalid, "model_name: "},
    {"unknown_model", [](auto& r) { r.set_model_name("other"); }, absl::StatusCode::kNotFound,
     "xray@1"},
    {"unknown_version", [](auto& r) { r.set_model_version("3"); }, absl::StatusCode::kNotFound,
     "xray@2"},
    {"bad_id", [](auto& r) { r.set_id("two words"); }, kInvalid, "request_id: "},
    {"no_input", [](auto& r) { r.clear_inputs(); }, kInvalid, "inputs: must be one"},
    {"two_inputs", [](auto& r) { *r.add_inputs() = r.inputs(0); }, kInvalid, "inputs: must be one"},
    {"unknown_input", [](auto& r) { r.mutable_inputs(0)->set_name("image"); }, kInvalid,
     "inputs[0].name: must be IMAGE or TENSOR"},
    {"shared_memory",
     [](auto& r) {
       (*r.mutable_inputs(0)->mutable_parameters())["shared_memory_region"].set_string_param("x");
     },
     kInvalid, "IMAGE: takes no parameters"},
    {"no_content", [](auto& r) { r.clear_raw_input_contents(); }, kInvalid, "IMAGE: must have"},
    {"content_twice", [](auto& r) { r.mutable_inputs(0)->mutable_contents(); }, kInvalid,
     "IMAGE: must have"},
    {"wrong_datatype", [](auto& r) { r.mutable_inputs(0)->set_datatype("UINT8"); }, kInvalid,
     "IMAGE: must be BYTES of shape [N, 1]"},
    {"no_shape", [](auto& r) { r.mutable_inputs(0)->clear_shape(); }, kInvalid, "IMAGE: must be"},
    {"wrong_shape", [](auto& r) { r.mutable_inputs(0)->add_shape(2); }, kInvalid, "IMAGE: must be"},
    {"no_images", [](auto& r) { r.mutable_inputs(0)->set_shape(0, 0); }, kInvalid,
     "IMAGE: must hold 1 to 64 images, got 0"},
    {"negative_images", [](auto& r) { r.mutable_inputs(0)->set_shape(0, -1); }, kInvalid,
     "IMAGE: must hold 1 to 64 images"},
    {"too_many_images", [](auto& r) { r.mutable_inputs(0)->set_shape(0, INT64_MAX); }, kInvalid,
     "IMAGE: must hold 1 to 64 images"},
    {"too_few_elements", [](auto& r) { r.mutable_inputs(0)->set_shape(0, 2); }, kInvalid,
     "IMAGE: holds 1 elements, but its shape says 2"},
    {"element_too_long", [](auto& r) { SetInput(r, "IMAGE", "BYTES", {1}, "\xff\xff\xff\xffx"); },
     kInvalid, "IMAGE: element 0 claims 4294967295 bytes, but 1 are left"},
    {"bytes_left", [](auto& r) { SetInput(r, "IMAGE", "BYTES", {1}, Element("a") + Element("b")); },
     kInvalid, "IMAGE: 5 bytes follow the last element"},
    {"empty_file", [](auto& r) { SetInput(r, "IMAGE", "BYTES", {2}, Element("a") + Element("")); },
     kInvalid, "IMAGE: element 1 is empty"},
    {"tensor_shape",
     [](auto& r) {
       SetInput(r, "TENSOR", "FP32", {1, 3, 32, 32}, std::string(3 * kTensorBytes, 'a'));
     },
     kInvalid, "TENSOR: must be FP32 of shape [N, 1, 32, 32]"},
    {"tensor_without_batch_axis",
     [](auto& r) {
       SetInput(r, "TENSOR", "FP32", {1, 32, 32}, std::string(kTensorBytes, 'a'));
     },
     kInvalid, "TENSOR: must be FP32 of shape [N, 1, 32, 32]"},
    {"tensor_length",
     [](auto& r) {
       SetInput(r, "TENSOR", "FP32", {1, 1, 32, 32}, "abcd");
     },
     kInvalid, "TENSOR: must be 4096 bytes by its shape, got 4"},
    {"unknown_output", [](auto& r) { r.add_outputs()->set_name("mask"); }, kInvalid,
     "outputs[0].name: "},
    {"output_twice",
     [](auto& r) {
       r.add_outputs()->set_name("MASK");
       r.add_outputs()->set_name("MASK");
     },
     kInvalid, "MASK: is asked for twice"},
    {"classification",
     [](auto& r) {
       r.add_outputs()->set_name("MASK");
       (*r.mutable_outputs(0)->mutable_parameters())["classification"].set_int64_param(1);
     },
     kInvalid, "MASK: takes no parameters"},
    {"sizes_differ",
     [](auto& r) {
       SetInput(r, "IMAGE", "BYTES", {2}, Element(test::GoodPng()) + Element(HeaderOnly(41, 24)));
       r.add_outputs()->set_name("MASK");
     },
     kInvalid, "IMAGE: element 1 has another size"},
    {"answer_too_large",
     [](auto& r) {
       SetInput(r, "IMAGE", "BYTES", {1}, Element(HeaderOnly(8000, 8000)));
       r.add_outputs()->set_name("MASK");
       r.add_outputs()->set_name("PROBABILITIES");
     },
     absl::StatusCode::kOutOfRange, "would be 320000000 bytes"},
    {"unknown_parameter", [](auto& r) { SetParameter(r, "treshold", "0.5"); }, kInvalid,
     "parameters: known are"},
    {"threshold_as_text", [](auto& r) { SetParameter(r, "threshold", "0.5"); }, kInvalid,
     "parameters: known are"},
    {"threshold_nan",
     [](auto& r) {
       (*r.mutable_parameters())["threshold"].set_double_param(
           std::numeric_limits<double>::quiet_NaN());
     },
     kInvalid, "threshold: "},
    {"guidance", [](auto& r) { SetParameter(r, "guidance", "magic"); }, kInvalid,
     "parameters.guidance: "},
    {"guidance_not_supported", [](auto& r) { SetParameter(r, "guidance", "prototypes"); },
     absl::StatusCode::kFailedPrecondition, "guidance.mode: model xray@2"},
    {"report_for_another_mode",
     [](auto& r) {
       SetParameter(r, "guidance", "auto");
       SetParameter(r, "report", "text");
     },
     kInvalid, "guidance.report: only with"},
    {"viewer_left", [](auto& r) { SetParameter(r, "viewer_left", "left"); }, kInvalid,
     "parameters.viewer_left: "},
    {"timeout", [](auto& r) { (*r.mutable_parameters())["timeout"].set_int64_param(0); }, kInvalid,
     "parameters.timeout: "},
};

TEST_F(InferJobTest, EachMistakeHasItsCodeAndField) {
  for (const Mistake& mistake : kMistakes) {
    SCOPED_TRACE(mistake.name);
    ModelInferRequest request = request_;
    mistake.make(request);
    const auto job = InferJobFrom(request, *models_);
    EXPECT_THAT(job, StatusIs(mistake.code, HasSubstr(mistake.message)));
    EXPECT_EQ(ToGrpcStatus(job.status()).error_details().empty(), mistake.code != kInvalid)
        << "a BadRequest detail for INVALID_ARGUMENT";
  }
}

}  // namespace
}  // namespace lingula
