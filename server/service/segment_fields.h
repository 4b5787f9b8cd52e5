// What can be wrong with a request whatever model answers it.
#pragma once

#include "lingula/v1/segmentation.pb.h"
#include "server/service/errors.h"

namespace lingula {

// Adds what is wrong with the source of an image; its content is not looked at.
void CheckImage(const v1::Image& image, FieldProblems& problems);

// Adds what is wrong with all other fields. `is_tensor`: the image is network input, which has
// nothing to draw an overlay on.
void CheckSettings(const v1::SegmentRequest& request, bool is_tensor, FieldProblems& problems);

}  // namespace lingula
