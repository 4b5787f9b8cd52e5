#include "model/calibration/calibration.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/bundle/safetensors.h"

namespace lingula {
namespace {

absl::StatusOr<TrustTerm> TermNamed(const std::string& name) {
  for (int i = 0; i < kTrustTerms; ++i) {
    if (NameOf(static_cast<TrustTerm>(i)) == name) {
      return static_cast<TrustTerm>(i);
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("calibration: this program knows no term \"", name,
                   "\"; calibrate the bundle anew with its own lingula-calibrate"));
}

absl::StatusOr<DiceMap> MapFrom(const bundle::v1::Calibration& calibration) {
  DiceMap map;
  map.offset = calibration.offset();
  for (const auto& from : calibration.terms()) {
    LINGULA_ASSIGN_OR_RETURN(const TrustTerm term, TermNamed(from.name()));
    map.terms.push_back({term, from.centre(), from.scale(), from.weight()});
  }
  for (const auto& from : calibration.points()) {
    map.points.push_back({from.sum(), from.dice()});
  }
  for (const auto& from : calibration.intervals()) {
    map.intervals.push_back({from.up_to(), from.below(), from.above()});
  }
  return map;
}

absl::StatusOr<std::vector<float>> Values(const SafeTensors& file, const char* name) {
  LINGULA_ASSIGN_OR_RETURN(const TensorView tensor, file.Get(name));
  std::vector<float> values(tensor.bytes.size() / sizeof(float));
  std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); })) {
    return absl::InvalidArgumentError(
        absl::StrCat(file.path(), ": ", name, " holds a value that is not finite"));
  }
  return values;
}

absl::StatusOr<FeatureCloud> CloudFrom(const SafeTensors& file) {
  FeatureCloud cloud;
  LINGULA_ASSIGN_OR_RETURN(cloud.mean, Values(file, "mean"));
  LINGULA_ASSIGN_OR_RETURN(cloud.scale, Values(file, "scale"));
  LINGULA_ASSIGN_OR_RETURN(cloud.whitening, Values(file, "whitening"));
  if (!std::all_of(cloud.scale.begin(), cloud.scale.end(), [](float v) { return v > 0; })) {
    return absl::InvalidArgumentError(
        absl::StrCat(file.path(), ": scale holds a value that is not above 0"));
  }
  return cloud;
}

TensorView ViewOf(const std::vector<float>& values, std::vector<int64_t> shape) {
  return {DType::kF32, std::move(shape),
          absl::string_view(reinterpret_cast<const char*>(values.data()),
                            values.size() * sizeof(float))};
}

}  // namespace

absl::StatusOr<std::optional<Calibration>> Calibration::Load(const Bundle& bundle) {
  std::optional<Calibration> loaded;
  if (!bundle.manifest.has_calibration()) {
    return loaded;
  }
  const bundle::v1::Calibration& from = bundle.manifest.calibration();
  loaded.emplace();
  LINGULA_ASSIGN_OR_RETURN(loaded->map_, MapFrom(from));
  loaded->coverage_ = from.coverage();
  loaded->conflict_below_ = from.conflict().below();  // 0 where there is none
  if (from.has_presence()) {
    loaded->presence_ = {from.presence().offset(), from.presence().slope()};
  }
  if (bundle.outliers.has_value()) {
    LINGULA_ASSIGN_OR_RETURN(loaded->cloud_, CloudFrom(*bundle.outliers));
    loaded->quantiles_.assign(from.outliers().quantiles().begin(),
                              from.outliers().quantiles().end());
    loaded->threshold_ = from.outliers().threshold();
  }
  return loaded;
}

std::optional<Outlyingness> Calibration::Judge(absl::Span<const float> features) const {
  if (!cloud_.has_value() || cloud_->mean.size() != features.size()) {
    return std::nullopt;
  }
  Outlyingness outlyingness;
  outlyingness.distance = cloud_->Distance(features);
  outlyingness.percentile = PercentileOf(outlyingness.distance, quantiles_);
  outlyingness.outside = outlyingness.distance > threshold_;
  return outlyingness;
}

std::optional<double> Calibration::Presence(double max_probability) const {
  return presence_.has_value() ? std::optional<double>(presence_->At(max_probability))
                               : std::nullopt;
}

double PercentileOf(double distance, absl::Span<const double> quantiles) {
  const auto above = std::upper_bound(quantiles.begin(), quantiles.end(), distance);
  if (above == quantiles.begin()) {
    return 0;
  }
  if (above == quantiles.end()) {
    return 1;
  }
  const double part = (distance - *(above - 1)) / (*above - *(above - 1));
  return (static_cast<double>(above - quantiles.begin() - 1) + part) /
         static_cast<double>(quantiles.size() - 1);
}

void PutInto(const DiceMap& map, bundle::v1::Calibration& calibration) {
  calibration.set_offset(map.offset);
  for (const DiceMap::Term& from : map.terms) {
    bundle::v1::CalibrationTerm& term = *calibration.add_terms();
    term.set_name(std::string(NameOf(from.term)));
    term.set_centre(from.centre);
    term.set_scale(from.scale);
    term.set_weight(from.weight);
  }
  for (const DiceMap::Point& from : map.points) {
    bundle::v1::CalibrationPoint& point = *calibration.add_points();
    point.set_sum(from.sum);
    point.set_dice(from.dice);
  }
  for (const DiceMap::Interval& from : map.intervals) {
    bundle::v1::CalibrationInterval& interval = *calibration.add_intervals();
    interval.set_up_to(from.up_to);
    interval.set_below(from.below);
    interval.set_above(from.above);
  }
}

absl::Status WriteCloud(const FeatureCloud& cloud, const std::string& folder) {
  const auto features = static_cast<int64_t>(cloud.mean.size());
  return WriteSafeTensors(absl::StrCat(folder, "/", kOutliersFile),
                          {{"mean", ViewOf(cloud.mean, {features})},
                           {"scale", ViewOf(cloud.scale, {features})},
                           {"whitening", ViewOf(cloud.whitening, {features, features})}});
}

}  // namespace lingula
