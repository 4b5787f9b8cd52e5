// Where the finding is, in words for people. No sentence names a side without saying whose.
#pragma once

#include <string>
#include <vector>

#include "model/base/sides.h"
#include "model/base/zones.h"

namespace lingula {

struct Finding {
  Zone zone = Zone::kImageLeftUpper;
  PatientSide patient_side = PatientSide::kUnknown;
  float probability = 0;
};

struct LocationText {
  std::vector<Finding> findings;  // image left first, upper to lower
  std::string sentence;           // English
};

// From the zone probabilities and whether the mask holds any pixel. Zones and mask may disagree;
// the sentence then says so.
LocationText DescribeLocation(const ZoneProbabilities& zones, bool mask_empty,
                              ViewerLeft viewer_left);

// For models that know no zones: how much of the picture the mask covers, and the third of its
// width and height in which the mask's centre (x, y in [0, 1] from the top left corner) lies. A
// share of 0 is an empty mask.
LocationText DescribePlace(double area_share, double centre_x, double centre_y);

}  // namespace lingula
