#include "model/calibration/fit_dice_map.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <numeric>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "model/calibration/cholesky.h"
#include "model/calibration/isotonic.h"
#include "model/eval/ranks.h"

namespace lingula {
namespace {

using Masks = std::vector<const JudgedMask*>;

constexpr int kFolds = 5;
constexpr double kRidge = 1;              // in units of one image
constexpr size_t kMasksAPoint = 20;       // of the monotone map
constexpr double kSignificantErrors = 2;  // standard errors

std::vector<MapCandidate> Candidates() {
  std::vector<TrustTerm> sums, all;
  for (int i = 0; i < kTrustTerms; ++i) {
    const auto term = static_cast<TrustTerm>(i);
    all.push_back(term);
    if (term < TrustTerm::kMeanEntropy) {
      sums.push_back(term);
    }
  }
  return {{"soft Dice", {TrustTerm::kSoftDice}},
          {"soft Dice and area", {TrustTerm::kSoftDice, TrustTerm::kLogArea}},
          {"sums over the mask", std::move(sums)},
          {"all terms", std::move(all)}};
}

// Centre and scale of each term that is not constant.
std::vector<DiceMap::Term> Standardised(const Masks& masks, const std::vector<TrustTerm>& terms) {
  const auto count = static_cast<double>(masks.size());
  std::vector<DiceMap::Term> kept;
  for (const TrustTerm term : terms) {
    double sum = 0, squares = 0;
    for (const JudgedMask* mask : masks) {
      const double value = mask->terms[static_cast<size_t>(term)];
      sum += value;
      squares += value * value;
    }
    const double mean = sum / count;
    const double variance = squares / count - mean * mean;
    if (variance > 1e-12 * std::max(1.0, mean * mean)) {
      kept.push_back({term, mean, std::sqrt(variance), 0});
    }
  }
  return kept;
}

// Fills the weights by ridge regression of Dice; the offset is not penalised.
absl::Status Regress(const Masks& masks, DiceMap& map) {
  const size_t n = map.terms.size();
  double mean = 0;
  for (const JudgedMask* mask : masks) {
    mean += mask->dice / static_cast<double>(masks.size());
  }
  map.offset = mean;
  std::vector<double> products(n * n, 0), with_dice(n, 0), z(n);
  for (const JudgedMask* mask : masks) {
    for (size_t i = 0; i < n; ++i) {
      const DiceMap::Term& term = map.terms[i];
      z[i] = (mask->terms[static_cast<size_t>(term.term)] - term.centre) / term.scale;
      with_dice[i] += z[i] * (mask->dice - mean);
      for (size_t j = 0; j <= i; ++j) {
        products[i * n + j] += z[i] * z[j];
      }
    }
  }
  for (size_t i = 0; i < n; ++i) {
    products[i * n + i] += kRidge;
  }
  LINGULA_ASSIGN_OR_RETURN(const auto weights, SolveSymmetric(products, with_dice));
  for (size_t i = 0; i < n; ++i) {
    map.terms[i].weight = weights[i];
  }
  return absl::OkStatus();
}

// Fills the points: groups of neighbouring sums, their monotone medians, groups of one median
// together.
void MakeMonotone(const Masks& masks, DiceMap& map) {
  std::vector<std::pair<double, double>> pairs;  // sum, Dice
  for (const JudgedMask* mask : masks) {
    pairs.emplace_back(map.Sum(mask->terms), mask->dice);
  }
  std::sort(pairs.begin(), pairs.end());
  const size_t bins = std::max(size_t{1}, pairs.size() / kMasksAPoint);
  std::vector<std::vector<double>> groups(bins);
  std::vector<double> sums(bins, 0);
  for (size_t i = 0; i < pairs.size(); ++i) {
    const size_t bin = i * bins / pairs.size();
    groups[bin].push_back(pairs[i].second);
    sums[bin] += pairs[i].first;
  }
  const std::vector<double> medians = IsotonicMedians(groups);
  for (size_t from = 0, to = 0; from < bins; from = to) {
    double sum = 0, count = 0;
    for (; to < bins && medians[to] == medians[from]; ++to) {
      sum += sums[to];
      count += static_cast<double>(groups[to].size());
    }
    const double place = sum / count;
    if (map.points.empty() || place > map.points.back().sum) {
      map.points.push_back({place, std::clamp(medians[from], 0.0, 1.0)});
    }
  }
}

absl::StatusOr<DiceMap> Fit(const Masks& masks, const std::vector<TrustTerm>& terms) {
  DiceMap map;
  map.terms = Standardised(masks, terms);
  LINGULA_RETURN_IF_ERROR(Regress(masks, map));
  MakeMonotone(masks, map);
  return map;
}

absl::Status Check(absl::Span<const JudgedMask> masks) {
  if (masks.size() < kFewestMasks) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected Dice needs at least ", kFewestMasks,
                     " masks that are not empty to be fitted on, got ", masks.size()));
  }
  for (const JudgedMask& mask : masks) {
    const bool finite = std::all_of(mask.terms.begin(), mask.terms.end(),
                                    [](double value) { return std::isfinite(value); });
    if (!finite || !std::isfinite(mask.dice)) {
      return absl::InvalidArgumentError("a mask has a figure that is not finite");
    }
  }
  return absl::OkStatus();
}

// Expectations for each mask, made without those of its fold.
absl::StatusOr<std::vector<double>> CrossFit(absl::Span<const JudgedMask> masks,
                                             const std::vector<int>& folds,
                                             const std::vector<TrustTerm>& terms) {
  std::vector<double> expected(masks.size());
  for (int fold = 0; fold < kFolds; ++fold) {
    Masks others;
    for (size_t i = 0; i < masks.size(); ++i) {
      if (folds[i] != fold) {
        others.push_back(&masks[i]);
      }
    }
    if (others.empty()) {
      return absl::InvalidArgumentError(
          "all masks are of one group: nothing is left to judge a fit with");
    }
    LINGULA_ASSIGN_OR_RETURN(const DiceMap map, Fit(others, terms));
    for (size_t i = 0; i < masks.size(); ++i) {
      if (folds[i] == fold) {
        expected[i] = map.Expect(masks[i].terms).dice;
      }
    }
  }
  return expected;
}

// Whether `richer` is better by more than chance would make it look.
bool ClearlyBetter(const std::vector<double>& simpler, const std::vector<double>& richer,
                   const std::vector<double>& dice) {
  double sum = 0, squares = 0;
  for (size_t i = 0; i < dice.size(); ++i) {
    const double gain = std::abs(simpler[i] - dice[i]) - std::abs(richer[i] - dice[i]);
    sum += gain;
    squares += gain * gain;
  }
  const auto count = static_cast<double>(dice.size());
  const double mean = sum / count;
  const double error = std::sqrt(std::max(0.0, squares / count - mean * mean) / count);
  return mean > kSignificantErrors * error;
}

double MeanError(const std::vector<double>& expected, const std::vector<double>& dice) {
  double sum = 0;
  for (size_t i = 0; i < dice.size(); ++i) {
    sum += std::abs(expected[i] - dice[i]);
  }
  return sum / static_cast<double>(dice.size());
}

}  // namespace

std::vector<int> SplitGroups(absl::Span<const int> groups, int parts, uint64_t seed) {
  std::map<int, int> part_of;
  for (const int group : groups) {
    part_of[group] = 0;
  }
  std::vector<int> order;
  for (const auto& [group, part] : part_of) {
    order.push_back(group);
  }
  std::mt19937_64 random(seed);
  for (size_t i = order.size(); i > 1; --i) {  // std::shuffle differs between libraries
    std::swap(order[i - 1], order[random() % i]);
  }
  for (size_t i = 0; i < order.size(); ++i) {
    part_of[order[i]] = static_cast<int>(i % parts);
  }
  std::vector<int> split;
  for (const int group : groups) {
    split.push_back(part_of[group]);
  }
  return split;
}

absl::StatusOr<FittedMap> FitDiceMap(absl::Span<const JudgedMask> masks, double coverage,
                                     uint64_t seed) {
  LINGULA_RETURN_IF_ERROR(Check(masks));
  std::vector<int> groups;
  std::vector<double> dice;
  Masks all;
  for (const JudgedMask& mask : masks) {
    groups.push_back(mask.group);
    dice.push_back(mask.dice);
    all.push_back(&mask);
  }
  const std::vector<int> folds = SplitGroups(groups, kFolds, seed);
  FittedMap fitted;
  MapCandidate* best = nullptr;
  fitted.candidates = Candidates();
  for (MapCandidate& candidate : fitted.candidates) {
    LINGULA_ASSIGN_OR_RETURN(auto expected, CrossFit(masks, folds, candidate.terms));
    candidate.error = MeanError(expected, dice);
    candidate.rank_correlation = RankCorrelation(expected, dice);
    if (best == nullptr || ClearlyBetter(fitted.cross_fitted, expected, dice)) {
      best = &candidate;
      fitted.cross_fitted = std::move(expected);
    }
  }
  best->chosen = true;
  LINGULA_ASSIGN_OR_RETURN(fitted.map, Fit(all, best->terms));
  fitted.map.intervals = ConformalIntervals(fitted.cross_fitted, dice, coverage);
  return fitted;
}

}  // namespace lingula
