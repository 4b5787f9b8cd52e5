#include "server/kserve/infer_job.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/dicom/dicom_picture.h"
#include "model/image/pixels.h"
#include "server/kserve/infer_input.h"
#include "server/service/errors.h"

namespace lingula {
namespace {

// Well below what a message of protobuf can hold.
constexpr int64_t kMaxAnswerBytes = int64_t{256} << 20;

void SetGuidance(const std::string& mode, v1::Guidance& guidance, FieldProblems& problems) {
  if (mode == "generated_report") {
    guidance.set_mode(v1::GUIDANCE_MODE_GENERATED_REPORT);
  } else if (mode == "prototypes") {
    guidance.set_mode(v1::GUIDANCE_MODE_PROTOTYPES);
  } else if (mode == "report") {
    guidance.set_mode(v1::GUIDANCE_MODE_REPORT);
  } else if (mode != "auto") {
    problems.Add("parameters.guidance",
                 "must be \"auto\", \"generated_report\", \"prototypes\" or \"report\"");
  }
}

void SetViewerLeft(const std::string& side, v1::SegmentRequest& settings, FieldProblems& problems) {
  if (side == "patient_right") {
    settings.set_viewer_left(v1::VIEWER_LEFT_IS_PATIENT_RIGHT);
  } else if (side == "patient_left") {
    settings.set_viewer_left(v1::VIEWER_LEFT_IS_PATIENT_LEFT);
  } else {
    problems.Add("parameters.viewer_left", "must be \"patient_right\" or \"patient_left\"");
  }
}

void SetTimeout(const inference::InferParameter& value, InferJob& job, FieldProblems& problems) {
  const int64_t us =
      value.has_int64_param()
          ? value.int64_param()
          : static_cast<int64_t>(std::min<uint64_t>(value.uint64_param(), INT64_MAX));
  constexpr int64_t kDay = int64_t{24} * 3600 * 1'000'000;
  if (us < 1) {
    problems.Add("parameters.timeout", "must be 1 or more microseconds");
  } else if (us < kDay) {
    job.timeout = std::chrono::microseconds(us);
  }
}

void SetParameter(const std::string& name, const inference::InferParameter& value, InferJob& job,
                  v1::SegmentRequest& settings, FieldProblems& problems) {
  if (name == "guidance" && value.has_string_param()) {
    SetGuidance(value.string_param(), *settings.mutable_guidance(), problems);
  } else if (name == "report" && value.has_string_param()) {
    settings.mutable_guidance()->set_report(value.string_param());
  } else if (name == "threshold" && value.has_double_param()) {
    settings.set_threshold(static_cast<float>(value.double_param()));
  } else if (name == "viewer_left" && value.has_string_param()) {
    SetViewerLeft(value.string_param(), settings, problems);
  } else if (name == "timeout" && (value.has_int64_param() || value.has_uint64_param())) {
    SetTimeout(value, job, problems);
  } else if (absl::StartsWith(name, "triton_")) {
    // Triton's clients use such names for how answers travel; perf_analyzer always sends one.
  } else {
    problems.Add("parameters",
                 "known are guidance, report and viewer_left (strings), threshold (a double) and "
                 "timeout (a whole number of microseconds)");
  }
}

absl::StatusOr<v1::SegmentRequest> SettingsFrom(const inference::ModelInferRequest& request,
                                                const LoadedModel& model, InferJob& job) {
  v1::SegmentRequest settings;
  settings.set_request_id(request.id());
  settings.set_model(model.id());
  FieldProblems problems;
  for (const auto& [name, value] : request.parameters()) {
    SetParameter(name, value, job, settings, problems);
  }
  LINGULA_RETURN_IF_ERROR(problems.status());
  // Who sends a report wants it to be followed.
  if (!settings.guidance().report().empty() && !request.parameters().contains("guidance")) {
    settings.mutable_guidance()->set_mode(v1::GUIDANCE_MODE_REPORT);
  }
  return settings;
}

std::optional<InferOutput> OutputNamed(const std::string& name) {
  const std::vector<TensorSchema>& all = InferOutputs();
  for (size_t i = 0; i < all.size(); ++i) {
    if (name == all[i].name) {
      return static_cast<InferOutput>(i);
    }
  }
  return std::nullopt;
}

bool HasPixels(InferOutput output) {
  return output == InferOutput::kMask || output == InferOutput::kProbabilities;
}

bool Contains(const std::vector<InferOutput>& outputs, InferOutput output) {
  return std::find(outputs.begin(), outputs.end(), output) != outputs.end();
}

// Pictures of one call may differ in size, so masks as tensors have to be asked for.
std::vector<InferOutput> DefaultOutputs(bool is_tensor) {
  std::vector<InferOutput> outputs;
  for (int i = 0; i < kInferOutputs; ++i) {
    const auto output = static_cast<InferOutput>(i);
    if (is_tensor || !HasPixels(output)) {
      outputs.push_back(output);
    }
  }
  return outputs;
}

absl::StatusOr<std::vector<InferOutput>> OutputsFrom(const inference::ModelInferRequest& request) {
  std::vector<InferOutput> outputs;
  FieldProblems problems;
  for (int i = 0; i < request.outputs_size() && problems.status().ok(); ++i) {
    const auto& asked = request.outputs(i);
    const std::optional<InferOutput> output = OutputNamed(asked.name());
    if (!output.has_value()) {
      problems.Add(absl::StrCat("outputs[", i, "].name"),
                   "is none of this model's outputs, which ModelMetadata lists");
    } else if (!asked.parameters().empty()) {
      problems.Add(asked.name(),
                   "takes no parameters; shared memory and classification are not "
                   "supported");
    } else if (Contains(outputs, *output)) {
      problems.Add(asked.name(), "is asked for twice");
    } else {
      outputs.push_back(*output);
    }
  }
  LINGULA_RETURN_IF_ERROR(problems.status());
  return outputs.empty() ? DefaultOutputs(request.inputs(0).name() == kTensorInput) : outputs;
}

std::vector<MaskForm> FormsFor(const std::vector<InferOutput>& outputs) {
  std::vector<MaskForm> forms;
  for (const InferOutput output : outputs) {
    if (output == InferOutput::kMask) {
      forms.push_back(MaskForm::kLabels);
    } else if (output == InferOutput::kMaskPng) {
      forms.push_back(MaskForm::kPng);
    } else if (output == InferOutput::kProbabilities) {
      forms.push_back(MaskForm::kProbabilitiesFloat32);
    }
  }
  return forms;
}

// Bytes that `outputs` take for each pixel of an image.
int64_t BytesAPixel(const std::vector<InferOutput>& outputs) {
  return (Contains(outputs, InferOutput::kMask) ? 1 : 0) +
         (Contains(outputs, InferOutput::kProbabilities) ? 4 : 0);
}

absl::StatusOr<cv::Size> SizeOf(absl::string_view file) {
  if (LooksLikeDicom(file)) {
    return ReadDicomSize(file);
  }
  LINGULA_ASSIGN_OR_RETURN(const ImageHeader header, ReadImageHeader(file));
  return cv::Size(header.width, header.height);
}

// Whether the masks of all images fit into one tensor, and that into one answer.
absl::Status CheckSizes(const std::vector<ImageSource>& images, const LoadedModel& model,
                        const std::vector<InferOutput>& outputs) {
  const int64_t bytes_a_pixel = BytesAPixel(outputs);
  int64_t bytes = 0;
  int width = model.input().side_px;
  int height = width;
  for (size_t i = 0; i < images.size() && bytes_a_pixel > 0; ++i) {
    if (const auto* file = std::get_if<absl::string_view>(&images[i])) {
      const absl::StatusOr<cv::Size> size = SizeOf(*file);
      if (!size.ok()) {
        continue;  // its own failure, told with its index when it is decoded
      }
      if (bytes > 0 && (size->width != width || size->height != height)) {
        return WithField(
            absl::InvalidArgumentError(absl::StrCat(
                "IMAGE: element ", i,
                " has another size than those before it: ask for "
                "MASK_PNG instead of MASK and PROBABILITIES, or send one image a call")),
            kImageInput);
      }
      width = size->width;
      height = size->height;
    }
    bytes += bytes_a_pixel * width * height;
  }
  return bytes <= kMaxAnswerBytes
             ? absl::OkStatus()
             : absl::OutOfRangeError(absl::StrCat("outputs: MASK and PROBABILITIES would be ",
                                                  bytes, " bytes, ", kMaxAnswerBytes,
                                                  " are allowed: ask for MASK_PNG"));
}

}  // namespace

absl::StatusOr<ModelHandle> FindModel(const ModelTable& models, absl::string_view name,
                                      absl::string_view version) {
  if (name.empty()) {
    FieldProblems problems;
    problems.Add("model_name", "must be the name of a model");
    return problems.status();
  }
  return models.Find(version.empty() ? std::string(name) : ModelId(name, version),
                     v1::MODALITY_UNSPECIFIED);
}

absl::StatusOr<InferJob> InferJobFrom(const inference::ModelInferRequest& request,
                                      const ModelTable& models) {
  LINGULA_ASSIGN_OR_RETURN(const ModelHandle model,
                           FindModel(models, request.model_name(), request.model_version()));
  InferJob job;
  LINGULA_ASSIGN_OR_RETURN(v1::SegmentRequest settings, SettingsFrom(request, *model, job));
  LINGULA_ASSIGN_OR_RETURN(const std::vector<ImageSource> images, ImagesFrom(request, *model));
  LINGULA_ASSIGN_OR_RETURN(job.outputs, OutputsFrom(request));
  LINGULA_RETURN_IF_ERROR(CheckSizes(images, *model, job.outputs));
  settings.set_want_location_text(Contains(job.outputs, InferOutput::kText));
  for (const ImageSource& image : images) {
    LINGULA_ASSIGN_OR_RETURN(SegmentJob one, JobFrom(settings, image, model));
    one.forms = FormsFor(job.outputs);
    job.images.push_back(std::move(one));
  }
  return job;
}

}  // namespace lingula
