#include "model/calibration/presence.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/calibration/fit_dice_map.h"
#include "model/eval/ranks.h"

namespace lingula {
namespace {

constexpr int kFolds = 5;
constexpr int kSteps = 100;        // of Newton's method; a dozen are enough
constexpr double kDamping = 1e-9;  // keeps a flat place from a division by zero

double Logit(double p) {
  constexpr double kEdge = 1e-6;
  const double inside = std::clamp(p, kEdge, 1 - kEdge);
  return std::log(inside / (1 - inside));
}

double Logistic(double x) {
  return 1 / (1 + std::exp(-x));
}

int64_t CountPresent(absl::Span<const JudgedPicture> pictures) {
  return std::count_if(pictures.begin(), pictures.end(),
                       [](const JudgedPicture& picture) { return picture.present; });
}

PresenceMap Fit(absl::Span<const JudgedPicture> pictures) {
  const auto present = static_cast<double>(CountPresent(pictures));
  const double absent = static_cast<double>(pictures.size()) - present;
  PresenceMap map{std::log((present + 1) / (absent + 1)), 0};
  for (int step = 0; step < kSteps; ++step) {
    double g0 = 0, g1 = 0, h00 = kDamping, h01 = 0, h11 = kDamping;
    for (const JudgedPicture& picture : pictures) {
      const double x = Logit(picture.max_probability);
      const double p = Logistic(map.offset + map.slope * x);
      const double target = picture.present ? (present + 1) / (present + 2) : 1 / (absent + 2);
      g0 += target - p;
      g1 += (target - p) * x;
      h00 += p * (1 - p);
      h01 += p * (1 - p) * x;
      h11 += p * (1 - p) * x * x;
    }
    const double determinant = h00 * h11 - h01 * h01;
    const double down = (h11 * g0 - h01 * g1) / determinant;
    const double across = (h00 * g1 - h01 * g0) / determinant;
    // Short steps: from afar whole ones overshoot.
    const double length = std::max(1.0, std::hypot(down, across));
    map.offset += down / length;
    map.slope += across / length;
  }
  return map;
}

// Fills what maps say that were fitted without the picture's fold, and how far that is from the
// truth.
void Judge(absl::Span<const JudgedPicture> pictures, const std::vector<int>& folds, double share,
           FittedPresence& fitted) {
  const auto count = static_cast<double>(pictures.size());
  fitted.cross_fitted.resize(pictures.size());
  for (int fold = 0; fold < kFolds; ++fold) {
    std::vector<JudgedPicture> others;
    for (size_t i = 0; i < pictures.size(); ++i) {
      if (folds[i] != fold) {
        others.push_back(pictures[i]);
      }
    }
    const PresenceMap map = Fit(others);
    for (size_t i = 0; i < pictures.size(); ++i) {
      if (folds[i] == fold) {
        const double truth = pictures[i].present ? 1 : 0;
        fitted.cross_fitted[i] = map.At(pictures[i].max_probability);
        fitted.brier += std::pow(fitted.cross_fitted[i] - truth, 2) / count;
        fitted.brier_before += std::pow(share - truth, 2) / count;
      }
    }
  }
}

}  // namespace

double PresenceMap::At(double max_probability) const {
  return Logistic(offset + slope * Logit(max_probability));
}

absl::StatusOr<FittedPresence> FitPresence(absl::Span<const JudgedPicture> pictures,
                                           uint64_t seed) {
  const int64_t present = CountPresent(pictures);
  const int64_t absent = static_cast<int64_t>(pictures.size()) - present;
  if (std::min(present, absent) < kFewestOfEach) {
    return absl::InvalidArgumentError(absl::StrCat(
        "presence needs at least ", kFewestOfEach,
        " pictures with something to find and as many without, got ", present, " and ", absent));
  }
  FittedPresence fitted;
  fitted.map = Fit(pictures);
  if (!(fitted.map.slope > 0)) {
    return absl::InvalidArgumentError(
        "the largest probability is no higher in pictures with something to find than in those "
        "without: presence cannot be told from it");
  }
  std::vector<int> groups;
  std::vector<double> with, without;
  for (const JudgedPicture& picture : pictures) {
    groups.push_back(picture.group);
    (picture.present ? with : without).push_back(picture.max_probability);
  }
  fitted.auroc = Auroc(with, without);
  Judge(pictures, SplitGroups(groups, kFolds, seed),
        static_cast<double>(present) / static_cast<double>(pictures.size()), fitted);
  return fitted;
}

}  // namespace lingula
