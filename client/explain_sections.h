// What stands around the pictures on the page of `lingula explain`. Each gives a whole element, or
// nothing when the answer has nothing to say about it. All texts are escaped.
#pragma once

#include <string>

#include "lingula/v1/segmentation.pb.h"

namespace lingula::cli {

// What to know before using the mask; each flag with what it means.
std::string FlagsHtml(const v1::SegmentResponse& answer);
std::string QualitySection(const v1::SegmentResponse& answer);
std::string GuidanceSection(const v1::SegmentResponse& answer);
std::string SecondOpinionSection(const v1::SegmentResponse& answer);
std::string TimingSection(const v1::SegmentResponse& answer);
std::string ModelSection(const v1::SegmentResponse& answer);

}  // namespace lingula::cli
