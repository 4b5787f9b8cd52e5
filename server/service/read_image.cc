#include "server/service/read_image.h"

#include <utility>

#include "model/base/status_macros.h"
#include "model/image/frontal_look.h"
#include "model/image/preprocess.h"
#include "model/image/tensor.h"
#include "server/service/errors.h"
#include "server/service/overlap.h"

namespace lingula {
namespace {

absl::StatusOr<Picture> ReadPicture(const SegmentJob& job, const PixelLimits& limits,
                                    DicomFacts& dicom) {
  const int channels = job.model->input().channels;
  const auto* file = std::get_if<absl::string_view>(&job.image);
  if (file != nullptr && LooksLikeDicom(*file)) {
    LINGULA_ASSIGN_OR_RETURN(DicomPicture read, DecodeDicom(*file, {channels, job.frame, limits}));
    dicom = {read.notes, std::move(read.source)};
    return std::move(read.picture);
  }
  return file != nullptr ? DecodeImage(*file, channels, limits)
                         : TakePixels(std::get<RawPixels>(job.image), channels, limits);
}

// Sides and frame of a request against those of its image.
absl::Status CheckAgainst(const DicomFacts& dicom, const SegmentJob& job) {
  FieldProblems problems;
  if (!dicom.notes.has_value()) {
    if (job.frame != 0) {
      problems.Add("image.frame_number", "only a DICOM file has several frames");
    }
    return problems.status();
  }
  const ViewerLeft said = dicom.notes->viewer_left;
  if (said != ViewerLeft::kUnknown && job.viewer_left != ViewerLeft::kUnknown &&
      said != job.viewer_left) {
    problems.Add("viewer_left",
                 "contradicts the DICOM file's Patient Orientation (0020,0020), which is the other "
                 "way round; leave it out, or correct the file");
  }
  return problems.status();
}

DicomView ViewOf(const DicomFacts& dicom, const std::vector<float>& pixels,
                 const LoadedModel& model) {
  const DicomView said = dicom.notes.has_value() ? dicom.notes->view : DicomView::kUnknown;
  const bool by_look = said == DicomView::kUnknown && model.modality() == v1::MODALITY_CHEST_XRAY;
  return by_look && !LooksFrontal(pixels, model.input()) ? DicomView::kOther : said;
}

ViewerLeft SideOf(const DicomFacts& dicom, ViewerLeft asked) {
  const bool said = dicom.notes.has_value() && dicom.notes->viewer_left != ViewerLeft::kUnknown;
  return said ? dicom.notes->viewer_left : asked;
}

}  // namespace

absl::StatusOr<NetworkInput> ReadImage(const SegmentJob& job, const PixelLimits& limits,
                                       const Clock& clock,
                                       const std::function<absl::Status()>& check_awaited,
                                       StageTimes& times) {
  const InputSpec& spec = job.model->input();
  const auto* tensor = std::get_if<TensorPixels>(&job.image);
  NetworkInput input;
  if (tensor == nullptr) {
    auto picture =
        Timed(clock, times, Stage::kDecode, [&] { return ReadPicture(job, limits, input.dicom); });
    if (!picture.ok()) {
      return WithField(picture.status(), FieldOf(job.image));
    }
    LINGULA_RETURN_IF_ERROR(CheckAgainst(input.dicom, job));
    LINGULA_RETURN_IF_ERROR(check_awaited());
    input.picture = *std::move(picture);
  }
  input.viewer_left = SideOf(input.dicom, job.viewer_left);
  auto pixels = Timed(clock, times, Stage::kPreprocess, [&] {
    return tensor == nullptr ? Preprocess(input.picture.pixels, spec)
                             : TakeTensor(tensor->data, spec);
  });
  if (!pixels.ok()) {
    return WithField(pixels.status(), FieldOf(job.image));
  }
  input.pixels = *std::move(pixels);
  if (tensor == nullptr) {
    input.dicom.view = ViewOf(input.dicom, input.pixels, *job.model);
  }
  input.size =
      tensor == nullptr ? input.picture.pixels.size() : cv::Size(spec.side_px, spec.side_px);
  if (!job.reference.empty()) {
    LINGULA_ASSIGN_OR_RETURN(input.reference, ReadReference(job.reference, input.size, limits));
  }
  if (!job.Wants(MaskForm::kOverlayPng)) {
    input.picture.pixels.release();
  }
  return input;
}

}  // namespace lingula
