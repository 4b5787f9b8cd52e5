#include "model/bundle/manifest_calibration.h"

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"

namespace lingula {
namespace {

constexpr int kQuantiles = 21;

// Fields of the calibration by name.
class Fields {
 public:
  explicit Fields(Textproto& text) : text_(text) {}

  void Problem(absl::string_view field, absl::string_view what) {
    text_.Problem(absl::StrCat("calibration.", field), what);
  }
  void Finite(absl::string_view field, double value) {
    if (!std::isfinite(value)) {
      Problem(field, "must be finite");
    }
  }
  void Share(absl::string_view field, double value) {
    if (!(value >= 0 && value <= 1)) {
      Problem(field, absl::StrCat("must be in [0, 1], got ", value));
    }
  }
  // `value` comes after `before`, the field of the same name one place earlier.
  void Rises(absl::string_view field, double before, double value) {
    if (!(value > before)) {
      Problem(field, absl::StrCat("must be above the one before, ", before, ", got ", value));
    }
  }

 private:
  Textproto& text_;
};

std::string At(absl::string_view list, int i, absl::string_view field) {
  return absl::StrCat(list, "[", i, "].", field);
}

void CheckTerms(Fields& fields, const bundle::v1::Calibration& calibration) {
  for (int i = 0; i < calibration.terms_size(); ++i) {
    const bundle::v1::CalibrationTerm& term = calibration.terms(i);
    fields.Finite(At("terms", i, "centre"), term.centre());
    fields.Finite(At("terms", i, "weight"), term.weight());
    if (!(std::isfinite(term.scale()) && term.scale() > 0)) {
      fields.Problem(At("terms", i, "scale"), absl::StrCat("must be above 0, got ", term.scale()));
    }
    if (term.name().empty()) {
      fields.Problem(At("terms", i, "name"), "is missing");
    }
  }
  fields.Finite("offset", calibration.offset());
}

void CheckPoints(Fields& fields, const bundle::v1::Calibration& calibration) {
  if (calibration.points().empty()) {
    fields.Problem("points", "needs at least one");
  }
  for (int i = 0; i < calibration.points_size(); ++i) {
    const bundle::v1::CalibrationPoint& point = calibration.points(i);
    fields.Finite(At("points", i, "sum"), point.sum());
    fields.Share(At("points", i, "dice"), point.dice());
    if (i > 0) {
      fields.Rises(At("points", i, "sum"), calibration.points(i - 1).sum(), point.sum());
      if (point.dice() < calibration.points(i - 1).dice()) {
        fields.Problem(At("points", i, "dice"), "must not fall");
      }
    }
  }
}

void CheckIntervals(Fields& fields, const bundle::v1::Calibration& calibration) {
  const int count = calibration.intervals_size();
  for (int i = 0; i < count; ++i) {
    const bundle::v1::CalibrationInterval& interval = calibration.intervals(i);
    fields.Share(At("intervals", i, "below"), interval.below());
    fields.Share(At("intervals", i, "above"), interval.above());
    if (i > 0) {
      fields.Rises(At("intervals", i, "up_to"), calibration.intervals(i - 1).up_to(),
                   interval.up_to());
    }
  }
  if (count == 0 || calibration.intervals(count - 1).up_to() != 1) {
    fields.Problem("intervals", "the last one's up_to must be 1");
  }
  if (!(calibration.coverage() > 0 && calibration.coverage() < 1)) {
    fields.Problem("coverage", absl::StrCat("must be in (0, 1), got ", calibration.coverage()));
  }
}

void CheckOutliers(Fields& fields, const bundle::v1::Outliers& outliers) {
  if (outliers.quantiles_size() != kQuantiles) {
    fields.Problem("outliers.quantiles",
                   absl::StrCat("must be ", kQuantiles, ", got ", outliers.quantiles_size()));
  }
  for (int i = 0; i < outliers.quantiles_size(); ++i) {
    const double before = i == 0 ? 0 : outliers.quantiles(i - 1);
    if (!(std::isfinite(outliers.quantiles(i)) && outliers.quantiles(i) >= before)) {
      fields.Problem(absl::StrCat("outliers.quantiles[", i, "]"), "must be finite and not fall");
    }
  }
  if (!(std::isfinite(outliers.threshold()) && outliers.threshold() > 0)) {
    fields.Problem("outliers.threshold",
                   absl::StrCat("must be above 0, got ", outliers.threshold()));
  }
}

void CheckPresence(Fields& fields, const bundle::v1::Presence& presence) {
  fields.Finite("presence.offset", presence.offset());
  if (!(std::isfinite(presence.slope()) && presence.slope() > 0)) {
    fields.Problem("presence.slope", absl::StrCat("must be above 0, got ", presence.slope()));
  }
}

}  // namespace

void CheckCalibration(Textproto& text, const bundle::v1::Calibration& calibration) {
  Fields fields(text);
  CheckTerms(fields, calibration);
  CheckPoints(fields, calibration);
  CheckIntervals(fields, calibration);
  if (calibration.has_outliers()) {
    CheckOutliers(fields, calibration.outliers());
  }
  if (calibration.has_presence()) {
    CheckPresence(fields, calibration.presence());
  }
  if (calibration.has_conflict()) {
    fields.Share("conflict.below", calibration.conflict().below());
  }
}

}  // namespace lingula
