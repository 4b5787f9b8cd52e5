#include "server/service/segment_fields.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "model/text/phrases.h"
#include "server/service/mask_forms.h"

namespace lingula {
namespace {

constexpr size_t kMaxIdBytes = 128;
constexpr size_t kMaxReportBytes = 1024;

void CheckId(const std::string& id, FieldProblems& problems) {
  if (id.size() > kMaxIdBytes) {
    problems.Add("request_id", absl::StrCat("must be at most 128 bytes, got ", id.size()));
  } else if (!std::all_of(id.begin(), id.end(), absl::ascii_isgraph)) {
    problems.Add("request_id", "must be printable ASCII without spaces");
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

constexpr char kNeedsDicom[] =
    "needs a DICOM file as image.encoded, to which it refers; frames of streams have none";

// What `format` needs and `kind` has not; null: nothing.
const char* MissingFor(v1::MaskFormat format, ImageKind kind) {
  if (format == v1::MASK_FORMAT_OVERLAY_PNG && kind == ImageKind::kTensor) {
    return "OVERLAY_PNG needs a picture to draw on: a tensor is none";
  }
  return IsDicom(FormFrom(format)) && kind != ImageKind::kDicom ? kNeedsDicom : nullptr;
}

void CheckForms(const v1::SegmentRequest& request, ImageKind kind, FieldProblems& problems) {
  bool seen[v1::MaskFormat_ARRAYSIZE] = {};
  for (int i = 0; i < request.mask_formats_size(); ++i) {
    const v1::MaskFormat format = request.mask_formats(i);
    if (format == v1::MASK_FORMAT_UNSPECIFIED || !v1::MaskFormat_IsValid(format)) {
      problems.Add(absl::StrCat("mask_formats[", i, "]"), "must be one of MaskFormat, but 0");
    } else if (const char* missing = MissingFor(format, kind); missing != nullptr) {
      problems.Add(absl::StrCat("mask_formats[", i, "]"), missing);
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

}  // namespace

void CheckImage(const v1::Image& image, FieldProblems& problems) {
  if (image.frame_number() != 0 && !image.has_encoded()) {
    problems.Add("image.frame_number", "only a DICOM file in image.encoded has frames");
  } else if (image.frame_number() > INT32_MAX) {
    problems.Add("image.frame_number", "must be at most 2147483647");
  }
  switch (image.source_case()) {
    case v1::Image::kEncoded:
      if (image.encoded().empty()) {
        problems.Add("image.encoded", "is empty: send a PNG, JPEG or DICOM file");
      }
      break;
    case v1::Image::kRaw:
      if (image.raw().format() == v1::PIXEL_FORMAT_UNSPECIFIED ||
          !v1::PixelFormat_IsValid(image.raw().format())) {
        problems.Add("image.raw.format", "must be GRAY8, GRAY16, RGB8 or BGR8");
      }
      break;
    case v1::Image::kTensor:  // its shape is the model's affair
      break;
    case v1::Image::SOURCE_NOT_SET:
      problems.Add("image", "must hold one source: encoded, raw or tensor");
      break;
  }
}

void CheckSettings(const v1::SegmentRequest& request, ImageKind kind, FieldProblems& problems) {
  CheckId(request.request_id(), problems);
  if (!v1::Modality_IsValid(request.modality())) {
    problems.Add("modality", "is not a known modality");
  }
  CheckGuidance(request.guidance(), problems);
  CheckForms(request, kind, problems);
  if (request.want_structured_report() && kind != ImageKind::kDicom) {
    problems.Add("want_structured_report", kNeedsDicom);
  }
  // Written so that NaN is refused.
  if (request.has_threshold() && !(request.threshold() > 0 && request.threshold() < 1)) {
    problems.Add("threshold", "must be between 0 and 1, both excluded");
  }
  if (PhrasesFor(request.locale()) == nullptr) {
    problems.Add("locale", absl::StrCat("must be empty or one of: ", KnownLocales()));
  }
  if (!v1::ViewerLeft_IsValid(request.viewer_left())) {
    problems.Add("viewer_left", "is not a known value");
  }
}

}  // namespace lingula
