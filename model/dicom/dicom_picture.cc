#include "model/dicom/dicom_picture.h"

#include <utility>

#include <dcmtk/dcmdata/dcdeftag.h>
#include <opencv2/imgproc.hpp>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/dicom/attributes.h"
#include "model/dicom/colour_levels.h"
#include "model/dicom/dicom_file.h"
#include "model/dicom/dicom_notes.h"
#include "model/dicom/dicom_source_content.h"
#include "model/dicom/frame_bytes.h"
#include "model/dicom/frame_codecs.h"
#include "model/dicom/grey_levels.h"
#include "model/image/opencv_door.h"

namespace lingula {
namespace {

bool IsLossy(DicomFile& file) {
  const std::string said = CodeAt(*file.attributes, DCM_LossyImageCompression);
  return said == "01" ||
         (file.syntax->lossy && !(said == "00" && file.syntax->codec == PixelCodec::kJpeg2000));
}

// Colours that take three full samples although the header says that two pixels share them.
void CorrectSharing(const DicomFile& file, PixelLayout& layout) {
  const bool shared = layout.photometric == Photometric::kYbrFull422;
  if (shared && file.syntax->codec == PixelCodec::kNative &&
      file.pixel_length != kUndefinedLength &&
      file.pixel_length >= 3 * layout.pixels() * layout.frames) {
    layout.photometric = Photometric::kYbrFull;
  }
}

cv::Mat WithChannels(cv::Mat pixels, int channels) {
  if (pixels.channels() != channels) {
    cv::cvtColor(pixels, pixels, channels == 1 ? cv::COLOR_BGR2GRAY : cv::COLOR_GRAY2BGR);
  }
  return pixels;
}

absl::StatusOr<cv::Mat> ToSee(const StoredFrame& stored, const PixelLayout& layout,
                              DcmItem& attributes, DicomNotes& notes) {
  if (layout.grey()) {
    const GreyChain chain = ReadGreyChain(attributes, layout, notes.frame);
    const GreyPicture grey = ApplyGreyChain(chain, stored, layout.is_signed);
    notes.photometric_fallback = grey.spread || chain.contradiction;
    return grey.pixels;
  }
  if (layout.photometric == Photometric::kPalette) {
    return ApplyPalette(stored, attributes);
  }
  return ApplyColours(stored);
}

std::shared_ptr<const DicomSource> SourceOf(DicomFile& file, const PixelLayout& layout,
                                            const DicomNotes& notes, bool lossy) {
  DicomSource::Content::Image image;
  image.rows = layout.rows;
  image.columns = layout.columns;
  image.frame = notes.frame;
  image.frames = notes.frames;
  image.lossy = lossy;
  image.transfer_syntax = file.syntax->uid;
  image.sop_class = UidAt(*file.attributes, DCM_SOPClassUID);
  image.sop_instance = UidAt(*file.attributes, DCM_SOPInstanceUID);
  return std::make_shared<DicomSource>(
      std::make_unique<DicomSource::Content>(std::move(file.attributes), std::move(image)));
}

}  // namespace

absl::StatusOr<cv::Size> ReadDicomSize(absl::string_view bytes) {
  LINGULA_ASSIGN_OR_RETURN(const DicomFile file, OpenDicomFile(bytes));
  LINGULA_ASSIGN_OR_RETURN(const PixelLayout layout,
                           ReadPixelLayout(*file.attributes, {INT64_MAX}));
  return cv::Size(layout.columns, layout.rows);
}

absl::StatusOr<DicomPicture> DecodeDicom(absl::string_view bytes, const DicomRequest& request) {
  LINGULA_ASSIGN_OR_RETURN(DicomFile file, OpenDicomFile(bytes));
  LINGULA_RETURN_IF_ERROR(CheckIsPicture(*file.attributes, file.has_pixels));
  LINGULA_ASSIGN_OR_RETURN(PixelLayout layout, ReadPixelLayout(*file.attributes, request.limits));
  CorrectSharing(file, layout);
  DicomPicture result;
  result.notes = ReadNotes(*file.attributes);
  result.notes.frame = request.frame == 0 ? 1 : request.frame;
  result.notes.frames = layout.frames;
  FrameBytes frame;
  LINGULA_RETURN_IF_ERROR(FindFrame(file, layout, result.notes.frame, frame));
  auto pixels = WithOpenCv("DICOM decoding failed", [&]() -> absl::StatusOr<cv::Mat> {
    LINGULA_ASSIGN_OR_RETURN(const StoredFrame stored, DecodeFrame(frame.bytes, layout, file));
    LINGULA_ASSIGN_OR_RETURN(cv::Mat seen, ToSee(stored, layout, *file.attributes, result.notes));
    return WithChannels(std::move(seen), request.channels);
  });
  LINGULA_RETURN_IF_ERROR(pixels.status());
  const bool lossy = IsLossy(file);
  result.picture = Picture{*std::move(pixels), lossy};
  result.source = SourceOf(file, layout, result.notes, lossy);
  return result;
}

}  // namespace lingula
