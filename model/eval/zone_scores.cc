#include "model/eval/zone_scores.h"

#include <array>
#include <cmath>

#include "model/eval/overlap.h"

namespace lingula {
namespace {

double Ratio(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

ZoneScores ScoreZones(const std::vector<ZonePair>& images) {
  std::array<OverlapCounts, kZones> zones;
  for (const ZonePair& image : images) {
    for (int z = 0; z < kZones; ++z) {
      const bool found = image.found[z], there = image.there[z];
      zones[z].true_positive += found && there;
      zones[z].false_positive += found && !there;
      zones[z].false_negative += !found && there;
      zones[z].true_negative += !found && !there;
    }
  }
  ZoneScores scores;
  OverlapCounts all;
  for (const OverlapCounts& zone : zones) {
    all += zone;
    scores.f1_macro += zone.Dice() / kZones;
  }
  scores.accuracy = all.Accuracy();
  scores.recall = Ratio(all.true_positive, all.true_positive + all.false_negative);
  scores.precision = Ratio(all.true_positive, all.true_positive + all.false_positive);
  if (images.empty()) {
    scores.f1_macro = std::nan("");
  }
  return scores;
}

}  // namespace lingula
