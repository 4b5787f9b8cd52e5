// Where the finding is, in words for people. No sentence names a side without saying whose.
#pragma once

#include <string>
#include <vector>

#include "model/base/zones.h"

namespace lingula {

// Which side of the patient is seen on the left of the image.
enum class ViewerLeft { kUnknown, kPatientRight, kPatientLeft };
enum class PatientSide { kUnknown, kLeft, kRight };

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

}  // namespace lingula
