#include "model/image/entropy.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace lingula {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

double Exact(double p) {
  return p <= 0 || p >= 1 ? 0 : -p * std::log2(p) - (1 - p) * std::log2(1 - p);
}

TEST(EntropyTest, IsWithinItsStatedError) {
  std::vector<float> probabilities;
  for (int i = 0; i <= 100000; ++i) {
    probabilities.push_back(static_cast<float>(i) / 100000);
  }
  for (float p = 1; p > 0; p /= 3) {  // down to denormal numbers
    probabilities.push_back(p);
  }
  double sum = 0;
  for (const float p : probabilities) {
    ASSERT_NEAR(MeanEntropyBits({p}), Exact(p), 1e-5) << p;
    sum += Exact(p);
  }
  EXPECT_NEAR(MeanEntropyBits(probabilities), sum / static_cast<double>(probabilities.size()),
              1e-5);
}

TEST(EntropyTest, IsExactWhereNothingOrEverythingIsKnown) {
  EXPECT_EQ(MeanEntropyBits({0, 0, 1, 1}), 0);
  EXPECT_EQ(MeanEntropyBits({0, 0.5, 1, 0.5}), 0.5);
  EXPECT_EQ(MeanEntropyBits({}), 0);
}

TEST(EntropyTest, WhatIsNoProbabilityIsTheNearestOne) {
  EXPECT_EQ(MeanEntropyBits({kNaN, -1, 7, 1 / 0.0F}), 0);
}

}  // namespace
}  // namespace lingula
