// A checked request in native types.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lingula/v1/segmentation.pb.h"
#include "model/base/zones.h"
#include "model/dicom/dicom_picture.h"
#include "model/engine/engine.h"
#include "model/image/pixels.h"
#include "model/text/location_text.h"
#include "server/service/mask_forms.h"
#include "server/service/model_table.h"

namespace lingula {

// Network input as it travels: little-endian float32, [channels, side, side] of the model that
// reads it.
struct TensorPixels {
  absl::string_view data;
};

// A file, pixels or network input; borrows their bytes.
using ImageSource = std::variant<absl::string_view, RawPixels, TensorPixels>;

// What a DICOM file told besides its picture; the first two are empty where the image was none.
struct DicomFacts {
  std::optional<DicomNotes> notes;
  // Shared: results are written after the picture is gone.
  std::shared_ptr<const DicomSource> source;
  // By the file's word, else, for a chest model, by the look of the picture, whatever its format.
  DicomView view = DicomView::kUnknown;
};

struct SegmentJob {
  std::string request_id;  // the caller's or a fresh one
  ModelHandle model;       // held until the answer: it may be replaced meanwhile
  ImageSource image;
  int frame = 0;                // of a DICOM file, from 1; 0: the first
  absl::string_view reference;  // a PNG file, or empty; borrowed too
  GuidanceMode guidance = GuidanceMode::kGeneratedReport;
  ZoneBits report;              // kReport only
  std::string free_text;        // kReport only: when not empty, instead of `report`
  std::vector<MaskForm> forms;  // at least one, each at most once
  float threshold = 0.5F;       // in (0, 1)
  bool want_location = false;
  bool want_structured_report = false;
  bool want_second_opinion = false;
  const Phrases* phrases = &kEnglish;  // of the caller's language; lives for ever
  bool smoothed = false;               // with the frames before
  ViewerLeft viewer_left = ViewerLeft::kUnknown;

  bool Wants(MaskForm form) const {
    return std::find(forms.begin(), forms.end(), form) != forms.end();
  }
  bool WantsDicom() const {
    return want_structured_report || std::any_of(forms.begin(), forms.end(), IsDicom);
  }
};

// "generated_report"
const char* GuidanceName(GuidanceMode mode);

// The name of `source` in a SegmentRequest: "image.encoded".
const char* FieldOf(const ImageSource& source);

// Checks everything that needs no pixels, cheaply enough for a gRPC thread. The result borrows from
// `request`.
// Errors   INVALID_ARGUMENT with all wrong fields (google.rpc.BadRequest); NOT_FOUND no such model;
//          FAILED_PRECONDITION guidance that the model cannot follow.
absl::StatusOr<SegmentJob> JobFrom(const v1::SegmentRequest& request, const ModelTable& models);

// The same for a picture that is not in the request, and a model that was found before:
// `settings.image` is not looked at. The length of a tensor is checked as above, under the name of
// Image.tensor.
absl::StatusOr<SegmentJob> JobFrom(const v1::SegmentRequest& settings, const ImageSource& image,
                                   const ModelHandle& model);

}  // namespace lingula
