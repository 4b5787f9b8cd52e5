// How a sample and its answer lie in the memory that processor and device share: one row of float32
// values each, so that a run is one copy in and one copy out whatever the network computes.
#pragma once

#include <cstddef>

#include "model/base/zones.h"

namespace lingula {

// Report of a sample that is guided by the report which the network generates.
inline constexpr int kOwnReport = -1;
// Reports of the grammar; free text in slot s of a batch is report kGrammarReports + s.
inline constexpr int kGrammarReports = 1 << kZones;

// In:  pixels [channels, side, side] · number of the report, or kOwnReport · 1 guided, 0 withheld.
// Out: probabilities [side, side] · zones · features · prototypes' rows, most similar first · their
//      similarities. Whole numbers are exact: they are far below 2^24.
struct RowLayout {
  int side_px = 0;
  int channels = 0;
  bool has_zones = false;
  int features = 0;
  int prototypes = 0;         // that guide a sample
  int prototypes_listed = 0;  // one more, where there is one: for the margin
  int pool = 1;               // prototypes a label

  size_t area() const { return static_cast<size_t>(side_px) * side_px; }
  size_t pixels() const { return area() * channels; }
  size_t report_at() const { return pixels(); }
  size_t guided_at() const { return pixels() + 1; }
  size_t row_in() const { return pixels() + 2; }

  size_t zones_at() const { return area(); }
  size_t features_at() const { return zones_at() + (has_zones ? kZones : 0); }
  size_t prototypes_at() const { return features_at() + features; }
  size_t similarities_at() const { return prototypes_at() + prototypes_listed; }
  size_t row_out() const { return similarities_at() + prototypes_listed; }
};

}  // namespace lingula
