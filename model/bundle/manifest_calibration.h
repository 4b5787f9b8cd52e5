// The part of a manifest that says how far answers can be trusted.
#pragma once

#include "lingula/bundle/v1/manifest.pb.h"
#include "model/bundle/textproto.h"

namespace lingula {

// Notes in `text` every field of `calibration` that is out of range or out of order.
void CheckCalibration(Textproto& text, const bundle::v1::Calibration& calibration);

}  // namespace lingula
