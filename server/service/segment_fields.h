// What can be wrong with a request whatever model answers it.
#pragma once

#include "lingula/v1/segmentation.pb.h"
#include "server/service/errors.h"

namespace lingula {

// Adds what is wrong with the source of an image; its content is not looked at.
void CheckImage(const v1::Image& image, FieldProblems& problems);

// What an image can be asked for: network input has nothing to draw an overlay on, and DICOM
// results refer to a DICOM file.
enum class ImageKind { kTensor, kPicture, kDicom };

// Adds what is wrong with all other fields.
void CheckSettings(const v1::SegmentRequest& request, ImageKind kind, FieldProblems& problems);

}  // namespace lingula
