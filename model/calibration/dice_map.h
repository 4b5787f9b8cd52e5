// From trust terms to the Dice that such masks reached on labelled images.
#pragma once

#include <vector>

#include "model/calibration/trust_terms.h"

namespace lingula {

struct DiceMap {
  struct Term {
    TrustTerm term = TrustTerm::kSoftDice;
    double centre = 0, scale = 1, weight = 0;
  };
  struct Point {
    double sum = 0, dice = 0;
  };
  struct Interval {
    double up_to = 1, below = 1, above = 1;
  };
  struct Expected {
    double dice = 0, low = 0, high = 1;  // all in [0, 1]
  };

  std::vector<Term> terms;
  double offset = 0;
  std::vector<Point> points;        // at least one, by sum
  std::vector<Interval> intervals;  // by up_to; may be empty: [0, 1]

  double Sum(const TrustTerms& values) const;
  // Linear between points, constant beyond them.
  double DiceAt(double sum) const;
  // The interval around an expected Dice.
  Expected Around(double dice) const;
  Expected Expect(const TrustTerms& values) const { return Around(DiceAt(Sum(values))); }
};

}  // namespace lingula
