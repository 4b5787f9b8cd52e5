#include "server/service/segment_job.h"

#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/base/status_macros.h"
#include "model/dicom/dicom_picture.h"
#include "model/text/report_grammar.h"
#include "server/service/errors.h"
#include "server/service/segment_fields.h"

namespace lingula {
namespace {

std::string FreshId() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return absl::StrFormat("%016x%016x", random(), random());
}

GuidanceMode ModeFrom(v1::GuidanceMode mode, const LoadedModel& model) {
  switch (mode) {
    case v1::GUIDANCE_MODE_PROTOTYPES:
      return GuidanceMode::kPrototypes;
    case v1::GUIDANCE_MODE_REPORT:
      return GuidanceMode::kReport;
    case v1::GUIDANCE_MODE_GENERATED_REPORT:
      return GuidanceMode::kGeneratedReport;
    default:
      return OwnGuidance(model.engine());
  }
}

absl::Status TakeReport(const std::string& report, SegmentJob& job) {
  if (report.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("guidance: model ", job.model->id(),
                     " writes no report of its own; send GUIDANCE_MODE_REPORT and a report"));
  }
  const absl::StatusOr<ZoneBits> zones = ParseReport(report);
  if (zones.ok()) {
    job.report = *zones;
  } else if (job.model->engine().ReadsFreeText()) {
    job.free_text = report;
  } else {
    return absl::FailedPreconditionError(
        absl::StrCat("guidance.report: this model understands the report grammar only: ",
                     zones.status().message()));
  }
  return absl::OkStatus();
}

absl::Status TakeGuidance(const v1::Guidance& guidance, SegmentJob& job) {
  job.guidance = ModeFrom(guidance.mode(), *job.model);
  if (!job.model->engine().Supports(job.guidance)) {
    return absl::FailedPreconditionError(
        absl::StrCat("guidance.mode: model ", job.model->id(),
                     " cannot be guided this way; GetModel lists its guidance_modes"));
  }
  return job.guidance == GuidanceMode::kReport ? TakeReport(guidance.report(), job)
                                               : absl::OkStatus();
}

// After the guidance, which it depends on.
absl::Status CheckSecondOpinion(const SegmentJob& job) {
  const Engine& engine = job.model->engine();
  if (!job.want_second_opinion) {
    return absl::OkStatus();
  }
  if (!engine.GivesSecondOpinions()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "want_second_opinion: model ", job.model->id(),
        " gives none: it writes no report, has too few prototypes, or runs on a device "
        "where this is not offered"));
  }
  return job.guidance == OwnGuidance(engine)
             ? absl::OkStatus()
             : absl::FailedPreconditionError(
                   "want_second_opinion: only with the model's own guidance, of which there is a "
                   "next one; leave guidance.mode unspecified");
}

RawPixels RawFrom(const v1::RawImage& raw) {
  RawPixels pixels;
  pixels.width = raw.width();
  pixels.height = raw.height();
  pixels.stride_bytes = raw.stride_bytes();
  switch (raw.format()) {
    case v1::PIXEL_FORMAT_GRAY16:
      pixels.format = PixelFormat::kGray16;
      break;
    case v1::PIXEL_FORMAT_RGB8:
      pixels.format = PixelFormat::kRgb8;
      break;
    case v1::PIXEL_FORMAT_BGR8:
      pixels.format = PixelFormat::kBgr8;
      break;
    default:
      pixels.format = PixelFormat::kGray8;
  }
  pixels.data = raw.data();
  return pixels;
}

ViewerLeft ViewerLeftFrom(v1::ViewerLeft side) {
  switch (side) {
    case v1::VIEWER_LEFT_IS_PATIENT_RIGHT:
      return ViewerLeft::kPatientRight;
    case v1::VIEWER_LEFT_IS_PATIENT_LEFT:
      return ViewerLeft::kPatientLeft;
    default:
      return ViewerLeft::kUnknown;
  }
}

ImageSource SourceFrom(const v1::Image& image) {
  switch (image.source_case()) {
    case v1::Image::kRaw:
      return RawFrom(image.raw());
    case v1::Image::kTensor:
      return TensorPixels{image.tensor().data()};
    default:
      return absl::string_view(image.encoded());
  }
}

ImageKind KindOf(const ImageSource& source) {
  if (std::holds_alternative<TensorPixels>(source)) {
    return ImageKind::kTensor;
  }
  const auto* file = std::get_if<absl::string_view>(&source);
  return file != nullptr && LooksLikeDicom(*file) ? ImageKind::kDicom : ImageKind::kPicture;
}

absl::Status CheckModality(const v1::SegmentRequest& request, const LoadedModel& model) {
  FieldProblems problems;
  if (request.modality() != v1::MODALITY_UNSPECIFIED && request.modality() != model.modality()) {
    problems.Add("modality", absl::StrCat("model ", model.id(), " reads ",
                                          v1::Modality_Name(model.modality()), " only"));
  }
  return problems.status();
}

absl::Status CheckShape(const v1::ImageTensor& tensor, const LoadedModel& model) {
  const auto channels = static_cast<uint32_t>(model.input().channels);
  const auto side = static_cast<uint32_t>(model.input().side_px);
  FieldProblems problems;
  if (tensor.shape_size() != 3 || tensor.shape(0) != channels || tensor.shape(1) != side ||
      tensor.shape(2) != side) {
    problems.Add("image.tensor.shape", absl::StrCat("model ", model.id(), " reads [", channels,
                                                    ", ", side, ", ", side, "]"));
  }
  return problems.status();
}

absl::Status CheckLength(const TensorPixels& tensor, const LoadedModel& model) {
  const InputSpec& input = model.input();
  const size_t wanted = sizeof(float) * input.channels * input.side_px * input.side_px;
  FieldProblems problems;
  if (tensor.data.size() != wanted) {
    problems.Add("image.tensor.data",
                 absl::StrCat("must be ", wanted, " bytes of float32, got ", tensor.data.size()));
  }
  return problems.status();
}

// What `settings` asks for, all checked but what depends on the model.
absl::StatusOr<SegmentJob> MakeJob(const v1::SegmentRequest& settings, const ImageSource& image,
                                   const ModelHandle& handle) {
  const LoadedModel& model = *handle;
  LINGULA_RETURN_IF_ERROR(CheckModality(settings, model));
  SegmentJob job;
  job.model = handle;
  job.image = image;
  job.reference = settings.reference_mask();
  if (const auto* tensor = std::get_if<TensorPixels>(&image)) {
    LINGULA_RETURN_IF_ERROR(CheckLength(*tensor, model));
  }
  LINGULA_RETURN_IF_ERROR(TakeGuidance(settings.guidance(), job));
  job.want_second_opinion = settings.want_second_opinion();
  LINGULA_RETURN_IF_ERROR(CheckSecondOpinion(job));
  job.request_id = settings.request_id().empty() ? FreshId() : settings.request_id();
  for (const int format : settings.mask_formats()) {
    job.forms.push_back(FormFrom(static_cast<v1::MaskFormat>(format)));
  }
  if (job.forms.empty()) {
    job.forms.push_back(MaskForm::kPng);
  }
  job.threshold = settings.has_threshold() ? settings.threshold() : model.manifest().threshold();
  job.want_location = settings.want_location_text();
  job.want_structured_report = settings.want_structured_report();
  job.phrases = PhrasesFor(settings.locale());
  job.viewer_left = ViewerLeftFrom(settings.viewer_left());
  return job;
}

}  // namespace

const char* GuidanceName(GuidanceMode mode) {
  switch (mode) {
    case GuidanceMode::kGeneratedReport:
      return "generated_report";
    case GuidanceMode::kPrototypes:
      return "prototypes";
    case GuidanceMode::kReport:
      return "report";
    case GuidanceMode::kWithheld:
      break;
  }
  return "withheld";
}

const char* FieldOf(const ImageSource& source) {
  constexpr const char* kFields[] = {"image.encoded", "image.raw", "image.tensor.data"};
  return kFields[source.index()];
}

absl::StatusOr<SegmentJob> JobFrom(const v1::SegmentRequest& request, const ModelTable& models) {
  FieldProblems problems;
  CheckImage(request.image(), problems);
  CheckSettings(request, KindOf(SourceFrom(request.image())), problems);
  LINGULA_RETURN_IF_ERROR(problems.status());
  LINGULA_ASSIGN_OR_RETURN(const ModelHandle model,
                           models.Find(request.model(), request.modality()));
  if (request.image().has_tensor()) {
    LINGULA_RETURN_IF_ERROR(CheckShape(request.image().tensor(), *model));
  }
  LINGULA_ASSIGN_OR_RETURN(SegmentJob job, MakeJob(request, SourceFrom(request.image()), model));
  job.frame = static_cast<int>(request.image().frame_number());
  return job;
}

absl::StatusOr<SegmentJob> JobFrom(const v1::SegmentRequest& settings, const ImageSource& image,
                                   const ModelHandle& model) {
  FieldProblems problems;
  CheckSettings(settings, KindOf(image), problems);
  LINGULA_RETURN_IF_ERROR(problems.status());
  return MakeJob(settings, image, model);
}

}  // namespace lingula
