// Scores of predicted zones (torchmetrics 1.3; docs/models.md, "Metrics").
#pragma once

#include <vector>

#include "model/base/zones.h"

namespace lingula {

// The zones of one image.
struct ZonePair {
  ZoneBits found, there;
};

struct ZoneScores {
  double accuracy = 0, recall = 0, precision = 0;  // over all bits of all images; 0 / 0 is 0
  double f1_macro = 0;  // mean of the six zones' F1, 0 for a zone that is nowhere
};

// Without images accuracy and f1_macro are NaN.
ZoneScores ScoreZones(const std::vector<ZonePair>& images);

}  // namespace lingula
