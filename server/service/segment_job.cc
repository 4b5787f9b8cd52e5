#include "server/service/segment_job.h"

#include <algorithm>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/base/status_macros.h"
#include "model/text/report_grammar.h"
#include "server/service/errors.h"

namespace lingula {
namespace {

constexpr size_t kMaxIdBytes = 128;
constexpr size_t kMaxReportBytes = 1024;

std::string FreshId() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return absl::StrFormat("%016x%016x", random(), random());
}

void CheckId(const std::string& id, FieldProblems& problems) {
  if (id.size() > kMaxIdBytes) {
    problems.Add("request_id", absl::StrCat("must be at most 128 bytes, got ", id.size()));
  } else if (!std::all_of(id.begin(), id.end(), absl::ascii_isgraph)) {
    problems.Add("request_id", "must be printable ASCII without spaces");
  }
}

void CheckImage(const v1::Image& image, FieldProblems& problems) {
  switch (image.source_case()) {
    case v1::Image::kEncoded:
      if (image.encoded().empty()) {
        problems.Add("image.encoded", "is empty: send a PNG or JPEG file");
      }
      break;
    case v1::Image::kRaw:
      if (image.raw().format() == v1::PIXEL_FORMAT_UNSPECIFIED ||
          !v1::PixelFormat_IsValid(image.raw().format())) {
        problems.Add("image.raw.format", "must be GRAY8, GRAY16, RGB8 or BGR8");
      }
      break;
    case v1::Image::SOURCE_NOT_SET:
      problems.Add("image", "must hold one source: encoded or raw");
      break;
  }
}

void CheckGuidance(const v1::Guidance& guidance, FieldProblems& problems) {
  if (!v1::GuidanceMode_IsValid(guidance.mode())) {
    problems.Add("guidance.mode", "is not a known mode");
  }
  if (guidance.report().size() > kMaxReportBytes) {
    problems.Add("guidance.report",
                 absl::StrCat("must be at most 1024 bytes, got ", guidance.report().size()));
  } else if (guidance.mode() != v1::GUIDANCE_MODE_REPORT && !guidance.report().empty()) {
    problems.Add("guidance.report", "only with GUIDANCE_MODE_REPORT");
  } else if (guidance.mode() == v1::GUIDANCE_MODE_REPORT &&
             absl::StripAsciiWhitespace(guidance.report()).empty()) {
    problems.Add("guidance.report", "must be given, and not blank, with GUIDANCE_MODE_REPORT");
  }
}

void CheckForms(const v1::SegmentRequest& request, FieldProblems& problems) {
  bool seen[v1::MaskFormat_ARRAYSIZE] = {};
  for (int i = 0; i < request.mask_formats_size(); ++i) {
    const v1::MaskFormat format = request.mask_formats(i);
    if (format == v1::MASK_FORMAT_UNSPECIFIED || !v1::MaskFormat_IsValid(format)) {
      problems.Add(absl::StrCat("mask_formats[", i, "]"), "must be PNG, COCO_RLE or OVERLAY_PNG");
    } else if (seen[format]) {
      problems.Add(absl::StrCat("mask_formats[", i, "]"), "each form at most once");
      return;  // a hostile list repeats it a million times
    } else {
      seen[format] = true;
    }
    if (i >= v1::MaskFormat_ARRAYSIZE) {
      return;
    }
  }
}

absl::Status CheckFields(const v1::SegmentRequest& request) {
  FieldProblems problems;
  CheckId(request.request_id(), problems);
  CheckImage(request.image(), problems);
  if (!v1::Modality_IsValid(request.modality())) {
    problems.Add("modality", "is not a known modality");
  }
  CheckGuidance(request.guidance(), problems);
  CheckForms(request, problems);
  // Written so that NaN is refused.
  if (request.has_threshold() && !(request.threshold() > 0 && request.threshold() < 1)) {
    problems.Add("threshold", "must be between 0 and 1, both excluded");
  }
  if (!v1::ViewerLeft_IsValid(request.viewer_left())) {
    problems.Add("viewer_left", "is not a known value");
  }
  return problems.status();
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

MaskForm FormFrom(v1::MaskFormat format) {
  switch (format) {
    case v1::MASK_FORMAT_COCO_RLE:
      return MaskForm::kCocoRle;
    case v1::MASK_FORMAT_OVERLAY_PNG:
      return MaskForm::kOverlayPng;
    default:
      return MaskForm::kPng;
  }
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

}  // namespace

absl::StatusOr<SegmentJob> JobFrom(const v1::SegmentRequest& request, const ModelTable& models) {
  LINGULA_RETURN_IF_ERROR(CheckFields(request));
  SegmentJob job;
  LINGULA_ASSIGN_OR_RETURN(job.model, models.Find(request.model(), request.modality()));
  if (request.modality() != v1::MODALITY_UNSPECIFIED &&
      request.modality() != job.model->modality()) {
    FieldProblems problems;
    problems.Add("modality", absl::StrCat("model ", job.model->id(), " reads ",
                                          v1::Modality_Name(job.model->modality()), " only"));
    return problems.status();
  }
  LINGULA_RETURN_IF_ERROR(TakeGuidance(request.guidance(), job));
  job.request_id = request.request_id().empty() ? FreshId() : request.request_id();
  if (request.image().has_raw()) {
    job.image = RawFrom(request.image().raw());
  } else {
    job.image = absl::string_view(request.image().encoded());
  }
  for (const int format : request.mask_formats()) {
    job.forms.push_back(FormFrom(static_cast<v1::MaskFormat>(format)));
  }
  if (job.forms.empty()) {
    job.forms.push_back(MaskForm::kPng);
  }
  job.threshold = request.has_threshold() ? request.threshold() : job.model->manifest().threshold();
  job.want_location = request.want_location_text();
  job.viewer_left = ViewerLeftFrom(request.viewer_left());
  return job;
}

}  // namespace lingula
