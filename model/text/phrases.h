// The words of LocationText in one language. A language is one file, phrases_TAG.cc, with one
// table, and a line in phrases.cc.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace lingula {

// Placeholders are absl::Substitute's. No phrase names a side without saying whose: the patient's,
// or the image's. tests/model/text/location_text_test.cc goes through all that can be said.
struct Phrases {
  const char* tag;  // BCP 47, lower case

  // By the zones of one lung: upper 1, middle 2, lower 4. The first is never used.
  const char* zones[8];
  // $0: zones. By the side of the image (left, right), then the patient's (not known, left, right).
  const char* lung[2][3];
  const char* both_lungs;  // $0, $1: lungs, image left first

  const char* nothing_found;
  const char* mask_without_report;
  const char* report_without_mask;  // $0: one lung or both
  const char* likely;               // likewise

  // For pictures without zones.
  const char* nothing_marked;
  const char* area;           // $0: per cent of the picture; $1: place of its centre
  const char* area_in_parts;  // likewise; $2: number of parts, above 1
  const char* place[3][3];    // by thirds of the picture from its top, then from its left
  char decimal_point;
};

// For a tag as callers write it; of "en-GB" the table "en" (RFC 4647, Lookup), of "" English. Null
// when there is none.
const Phrases* PhrasesFor(absl::string_view tag);
// "en, ..." for messages.
std::string KnownLocales();

extern const Phrases kEnglish;

}  // namespace lingula
