// How far two labellings of the same points agree.
#pragma once

#include <cstdint>

#include "absl/types/span.h"

namespace lingula {

// Adjusted Rand index (Hubert and Arabie 1985): 1 when the labellings are equal but for the names
// of the labels, about 0 when chance alone would give as much. Noise (-1) counts as a label. Both
// have one length.
double AdjustedRandIndex(absl::Span<const int32_t> a, absl::Span<const int32_t> b);

}  // namespace lingula
