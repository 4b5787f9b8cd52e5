// The names of a Segmentation, which a report about it needs too. Private to this folder.
#pragma once

#include <opencv2/core/mat.hpp>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "model/dicom/dicom_modules.h"
#include "model/dicom/dicom_results.h"

namespace lingula {

// Errors   INVALID_ARGUMENT `mask` is not what WriteDicomSeg wants.
absl::Status CheckMask(const cv::Mat& mask, SegKind kind, const Origin& origin);

// `pixels`: the object's pixel data, of BinaryPixels or FractionalPixels.
ResultObject SegObject(const Origin& origin, SegKind kind, absl::string_view pixels,
                       DicomTarget target, const DicomAlgorithm& algorithm);

}  // namespace lingula
