#include "model/tools/calibrate_flags.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/calibration/presence.h"
#include "model/eval/ranks.h"

namespace lingula {
namespace {

constexpr double kGoodFlagged = 0.02;
constexpr size_t kFewestBad = 10;
constexpr double kTellsApart = 2;

struct Agreements {
  std::vector<double> bad, good;  // of masks that are not empty
};

Agreements AgreementsOf(const std::vector<const Examined*>& images) {
  Agreements found;
  for (const Examined* image : images) {
    if (image->agreement.has_value()) {
      (image->score.counts.Dice() < kBadDice ? found.bad : found.good).push_back(*image->agreement);
    }
  }
  return found;
}

double ShareBelow(const std::vector<double>& values, double limit) {
  const auto below =
      std::count_if(values.begin(), values.end(), [limit](double value) { return value < limit; });
  return values.empty() ? 0 : static_cast<double>(below) / static_cast<double>(values.size());
}

}  // namespace

absl::Status FitPresenceOn(const std::vector<Examined>& images, const std::string& data,
                           uint64_t seed, bundle::v1::Calibration& calibration) {
  std::vector<JudgedPicture> pictures;
  std::map<std::string, int> groups;
  for (const Examined& image : images) {
    if (!image.has_mask) {
      return absl::InvalidArgumentError(absl::StrCat(
          image.image,
          ": has no reference mask; presence needs one an image, empty where nothing is"));
    }
    const OverlapCounts& counts = image.score.counts;
    const std::string group = image.score.group.empty() ? image.image : image.score.group;
    const int number = groups.emplace(group, static_cast<int>(groups.size())).first->second;
    pictures.push_back(
        {image.max_probability, counts.true_positive + counts.false_negative > 0, number});
  }
  LINGULA_ASSIGN_OR_RETURN(const FittedPresence fitted, FitPresence(pictures, seed));
  bundle::v1::Presence& presence = *calibration.mutable_presence();
  presence.set_offset(fitted.map.offset);
  presence.set_slope(fitted.map.slope);
  presence.set_data(data);
  for (const JudgedPicture& picture : pictures) {
    picture.present ? presence.set_positives(presence.positives() + 1)
                    : presence.set_negatives(presence.negatives() + 1);
  }
  presence.set_auroc(fitted.auroc);
  presence.set_brier(fitted.brier);
  presence.set_brier_before(fitted.brier_before);
  return absl::OkStatus();
}

void FitConflict(const Halves& halves, bundle::v1::Calibration& calibration) {
  const Agreements fit = AgreementsOf(halves.fit), judge = AgreementsOf(halves.judge);
  if (std::min(fit.bad.size(), judge.bad.size()) < kFewestBad || fit.good.empty()) {
    return;
  }
  const double limit = Quantile(fit.good, kGoodFlagged);
  if (ShareBelow(fit.bad, limit) < kTellsApart * kGoodFlagged) {
    return;
  }
  bundle::v1::Conflict& conflict = *calibration.mutable_conflict();
  conflict.set_below(limit);
  conflict.set_bad(static_cast<uint32_t>(judge.bad.size()));
  conflict.set_bad_flagged(ShareBelow(judge.bad, limit));
  conflict.set_good(static_cast<uint32_t>(judge.good.size()));
  conflict.set_good_flagged(ShareBelow(judge.good, limit));
}

}  // namespace lingula
