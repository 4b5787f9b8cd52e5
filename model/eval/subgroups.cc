#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/eval/ranks.h"
#include "model/eval/scores.h"

namespace lingula {
namespace {

constexpr size_t kMostGroups = 12;
constexpr int kQuarters = 4;

// Share of the picture that the true mask covers.
double TrueShare(const ImageScore& image) {
  const OverlapCounts& c = image.counts;
  const auto all = c.true_positive + c.false_positive + c.false_negative + c.true_negative;
  return all == 0
             ? 0
             : static_cast<double>(c.true_positive + c.false_negative) / static_cast<double>(all);
}

class Collector {
 public:
  Collector(const std::vector<ImageScore>& images, int resamples, uint64_t seed)
      : images_(images), resamples_(resamples), seed_(seed) {}

  void Add(const std::string& name, const std::function<bool(const ImageScore&)>& belongs) {
    std::vector<ImageScore> some;
    std::copy_if(images_.begin(), images_.end(), std::back_inserter(some), belongs);
    if (some.empty()) {
      return;
    }
    const DataSetScores scores = ScoreDataSet(some, resamples_, seed_);
    subgroups_.push_back({name, scores.images, scores.dice, scores.dice_low, scores.dice_high,
                          scores.hd95_mean, scores.expected_dice_error});
  }

  std::vector<Subgroup> Take() { return std::move(subgroups_); }

 private:
  const std::vector<ImageScore>& images_;
  const int resamples_;
  const uint64_t seed_;
  std::vector<Subgroup> subgroups_;
};

// 0 to 2: lungs that the true zones name.
int Lungs(const ImageScore& image) {
  const ZoneBits& zones = image.zones_true;
  const int left = zones[0] || zones[1] || zones[2] ? 1 : 0;
  return left + (zones[3] || zones[4] || zones[5] ? 1 : 0);
}

void AddSizes(const std::vector<ImageScore>& images, Collector& collector) {
  std::vector<double> shares;
  for (const ImageScore& image : images) {
    shares.push_back(TrueShare(image));
  }
  for (int quarter = 0; quarter < kQuarters; ++quarter) {
    const double low = Quantile(shares, quarter / static_cast<double>(kQuarters));
    const double high = Quantile(shares, (quarter + 1) / static_cast<double>(kQuarters));
    const bool last = quarter == kQuarters - 1;
    const std::string name =
        absl::StrFormat("true mask %.1f to %.1f %% of the picture", 100 * low, 100 * high);
    collector.Add(name, [=](const ImageScore& image) {
      const double share = TrueShare(image);
      return share >= low && (share < high || last);
    });
  }
}

}  // namespace

std::vector<Subgroup> ScoreSubgroups(const std::vector<ImageScore>& images, int resamples,
                                     uint64_t seed) {
  Collector collector(images, resamples, seed);
  if (images.empty()) {
    return collector.Take();
  }
  const std::pair<const char*, int> kLungs[] = {{"one lung", 1}, {"both lungs", 2}};
  for (const auto& [name, lungs] : kLungs) {
    collector.Add(name, [wanted = lungs](const ImageScore& image) {
      return image.has_zones && Lungs(image) == wanted;
    });
  }
  AddSizes(images, collector);
  std::map<std::string, int> groups;
  for (const ImageScore& image : images) {
    ++groups[image.group];
  }
  groups.erase("");
  if (groups.size() >= 2 && groups.size() <= kMostGroups) {
    for (const auto& [group, count] : groups) {
      collector.Add(absl::StrCat("group ", group),
                    [name = group](const ImageScore& image) { return image.group == name; });
    }
  }
  return collector.Take();
}

}  // namespace lingula
