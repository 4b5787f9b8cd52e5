// Does a picture look like a frontal chest film? For pictures that do not say what view they are.
#pragma once

#include <array>
#include <vector>

#include "model/image/preprocess.h"

namespace lingula {

constexpr int kFrontalLookSide = 16;

// Made by model/tools/fit_frontal_look.py from films of adults (docs/dicom.md): rows from top to
// bottom.
extern const float kFrontalLookBias;
extern const std::array<float, kFrontalLookSide * kFrontalLookSide> kFrontalLookWeights;

// False for a picture that looks like a lateral view, or like none of the chest. `input`: what
// Preprocess makes of it; only the first channel is looked at. Errs on the side of true.
// Thread-safe.
bool LooksFrontal(const std::vector<float>& input, const InputSpec& spec);

}  // namespace lingula
