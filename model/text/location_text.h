// Where the finding is, in words for people. No sentence names a side without saying whose.
#pragma once

#include <string>
#include <vector>

#include "model/base/sides.h"
#include "model/base/zones.h"
#include "model/text/phrases.h"

namespace lingula {

struct Finding {
  Zone zone = Zone::kImageLeftUpper;
  PatientSide patient_side = PatientSide::kUnknown;
  float probability = 0;
};

struct LocationText {
  std::vector<Finding> findings;  // image left first, upper to lower
  std::string sentence;           // in the language of the phrases
};

// From the zone probabilities and whether the mask holds any pixel. Zones and mask may disagree;
// the sentence then says so.
LocationText DescribeLocation(const ZoneProbabilities& zones, bool mask_empty,
                              ViewerLeft viewer_left, const Phrases& phrases);

// A mask in a picture without zones.
struct MarkedArea {
  double share = 0;                   // of the picture, in [0, 1]; 0: the mask is empty
  double centre_x = 0, centre_y = 0;  // in [0, 1] from the top left corner
  int parts = 1;                      // connected
};

// How much of the picture the mask covers, in how many parts, and the third of its width and height
// in which the mask's centre lies.
LocationText DescribePlace(const MarkedArea& area, const Phrases& phrases);

}  // namespace lingula
