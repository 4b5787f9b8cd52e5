// What a bundle knows of its own trustworthiness, ready to be asked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/bundle/bundle.h"
#include "model/calibration/dice_map.h"
#include "model/calibration/outliers.h"
#include "model/calibration/presence.h"

namespace lingula {

// Where a picture lies among those like the training data.
struct Outlyingness {
  double distance = 0;    // about 1 for pictures like the training data
  double percentile = 0;  // share of such pictures that is less far away, in [0, 1]
  bool outside = false;   // beyond the threshold
};

// Immutable; thread-safe.
class Calibration {
 public:
  // None when the bundle carries none.
  // Errors   INVALID_ARGUMENT naming a term this program does not know, or a tensor whose values
  //          cannot be used.
  static absl::StatusOr<std::optional<Calibration>> Load(const Bundle& bundle);

  // For a mask that is not empty, made at the manifest's threshold and by the family's own
  // guidance.
  DiceMap::Expected Expect(const TrustTerms& terms) const { return map_.Expect(terms); }
  double coverage() const { return coverage_; }
  // None when the bundle has no outliers.safetensors, or for features of another length.
  std::optional<Outlyingness> Judge(absl::Span<const float> features) const;
  // How likely there is something to find in a picture whose largest probability is this. None when
  // the bundle cannot tell.
  std::optional<double> Presence(double max_probability) const;
  // True when so little of a mask in the zones that guided it speaks against the mask.
  bool Conflicts(double agreement) const { return agreement < conflict_below_; }

 private:
  DiceMap map_;
  double coverage_ = 0;
  std::optional<FeatureCloud> cloud_;
  std::vector<double> quantiles_;
  double threshold_ = 0;
  std::optional<PresenceMap> presence_;
  double conflict_below_ = 0;
};

// Share of values below `distance` by their quantiles at equal shares from 0 to 1.
double PercentileOf(double distance, absl::Span<const double> quantiles);

// Writes the map into the manifest's form.
void PutInto(const DiceMap& map, bundle::v1::Calibration& calibration);

// Writes <folder>/outliers.safetensors.
absl::Status WriteCloud(const FeatureCloud& cloud, const std::string& folder);

}  // namespace lingula
