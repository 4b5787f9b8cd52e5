#include "server/service/read_image.h"

#include <utility>

#include "model/base/status_macros.h"
#include "model/image/preprocess.h"
#include "model/image/tensor.h"
#include "server/service/errors.h"
#include "server/service/overlap.h"

namespace lingula {
namespace {

absl::StatusOr<Picture> ReadPicture(const ImageSource& source, int channels,
                                    const PixelLimits& limits) {
  const auto* file = std::get_if<absl::string_view>(&source);
  return file != nullptr ? DecodeImage(*file, channels, limits)
                         : TakePixels(std::get<RawPixels>(source), channels, limits);
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
    auto picture = Timed(clock, times[Stage::kDecode],
                         [&] { return ReadPicture(job.image, spec.channels, limits); });
    if (!picture.ok()) {
      return WithField(picture.status(), FieldOf(job.image));
    }
    LINGULA_RETURN_IF_ERROR(check_awaited());
    input.picture = *std::move(picture);
  }
  auto pixels = Timed(clock, times[Stage::kPreprocess], [&] {
    return tensor == nullptr ? Preprocess(input.picture.pixels, spec)
                             : TakeTensor(tensor->data, spec);
  });
  if (!pixels.ok()) {
    return WithField(pixels.status(), FieldOf(job.image));
  }
  input.pixels = *std::move(pixels);
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
