// Masks of an answer, by form, and as shapes to draw.
#pragma once

#include <string>

#include "lingula/v1/mask.pb.h"

namespace lingula::cli {

using Masks = google::protobuf::RepeatedPtrField<v1::Mask>;

// Null when there is none of this form.
const v1::Mask* FindMask(const Masks& masks, v1::MaskFormat format);

// The outlines among `masks` as data of an SVG path in pixels of the image, "M1 2L3 4Z...". Filled
// by the even-odd rule it gives exactly the mask. Empty for an empty mask, and without outlines.
std::string SvgPath(const Masks& masks);

}  // namespace lingula::cli
