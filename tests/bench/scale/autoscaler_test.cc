#include "tests/bench/scale/autoscaler.h"

#include <gtest/gtest.h>

namespace lingula::bench {
namespace {

Signal All(int replicas, double value, double target = 1) {
  return {target, std::vector<std::optional<double>>(replicas, value)};
}

TEST(Autoscaler, WantsInProportionButLittleDifferencesAreLeftAlone) {
  EXPECT_EQ(Autoscaler({}).Look(0, 4, {All(4, 1.09)}), 4);
  EXPECT_EQ(Autoscaler({}).Look(0, 4, {All(4, 1.5)}), 6);
  EXPECT_EQ(Autoscaler({}).Look(0, 4, {All(4, 0.5)}), 2);
  EXPECT_EQ(Autoscaler({}).Look(0, 4, {All(4, 15, 10)}), 6);
}

TEST(Autoscaler, StepsUpAreBounded) {
  EXPECT_EQ(Autoscaler({}).Look(0, 2, {All(2, 100)}), 6) << "four more";
  EXPECT_EQ(Autoscaler({}).Look(0, 8, {All(8, 100)}), 16) << "twice as many";
  EXPECT_EQ(Autoscaler({}).Look(0, 30, {All(30, 100)}), 40) << "the maximum";
  EXPECT_EQ(Autoscaler({}).Look(0, 3, {All(3, 0)}), 2) << "the minimum";
}

TEST(Autoscaler, TheHighestWishOfFiveMinutesHolds) {
  Autoscaler autoscaler({});
  EXPECT_EQ(autoscaler.Look(0, 8, {All(8, 1)}), 8);
  EXPECT_EQ(autoscaler.Look(150, 8, {All(8, 0.5)}), 8);
  EXPECT_EQ(autoscaler.Look(299, 8, {All(8, 0.25)}), 8);
  EXPECT_EQ(autoscaler.Look(301, 8, {All(8, 0.25)}), 4);
}

TEST(Autoscaler, OfTwoSignalsTheOneThatWantsMostDecides) {
  EXPECT_EQ(Autoscaler({}).Look(0, 4, {All(4, 0.2), All(4, 1.5)}), 6);
}

TEST(Autoscaler, NewcomersMakeNoChangeLarger) {
  Signal up = All(4, 2);
  up.values.resize(8);  // four are starting
  EXPECT_EQ(Autoscaler({}).Look(0, 8, {up}), 8) << "eight will do what four are asked twice for";
  Signal down = All(4, 0.5);
  down.values.resize(8);
  EXPECT_EQ(Autoscaler({}).Look(0, 8, {down}), 6);
  Signal unknown{1, std::vector<std::optional<double>>(3)};
  EXPECT_EQ(Autoscaler({}).Look(0, 3, {unknown}), 3);
}

}  // namespace
}  // namespace lingula::bench
