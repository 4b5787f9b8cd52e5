// Frames as an endoscope's camera sends them, drawn by a formula.
#pragma once

#include <vector>

#include "lingula/v1/image.pb.h"

namespace lingula::bench {

// `count` frames in which a round polyp wanders over reddish folds, lit from the middle, with the
// noise of a camera. As JPEG files of quality 90.
std::vector<lingula::v1::Image> JpegFrames(int count, int width_px, int height_px);
// The same as pixels of three colours.
std::vector<lingula::v1::Image> RawFrames(int count, int side_px);

}  // namespace lingula::bench
