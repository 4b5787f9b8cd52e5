#include "model/text/phrases.h"

namespace lingula {

const Phrases kEnglish = {
    "en",
    {"no zone", "upper zone", "middle zone", "upper and middle zones", "lower zone",
     "upper and lower zones", "middle and lower zones", "all zones"},
    {{"the lung on the left side of the image, $0",
      "the patient's left lung, $0 (left side of the image)",
      "the patient's right lung, $0 (left side of the image)"},
     {"the lung on the right side of the image, $0",
      "the patient's left lung, $0 (right side of the image)",
      "the patient's right lung, $0 (right side of the image)"}},
    "both lungs: $0, and $1",
    "No infected area was found.",
    "The mask marks an infected area although the report names none: mask and report disagree.",
    "The report names infection in $0; the mask is empty: mask and report disagree.",
    "Infection is likely in $0.",
    "No area was marked.",
    "The marked area covers $0 % of the image; its centre lies $1.",
    "The marked area covers $0 % of the image in $2 parts; their common centre lies $1.",
    {{"on the left side of the image, in the upper third",
      "in the middle of the image, in the upper third",
      "on the right side of the image, in the upper third"},
     {"on the left side of the image, in the middle third",
      "in the middle of the image, in the middle third",
      "on the right side of the image, in the middle third"},
     {"on the left side of the image, in the lower third",
      "in the middle of the image, in the lower third",
      "on the right side of the image, in the lower third"}},
    '.'};

}  // namespace lingula
