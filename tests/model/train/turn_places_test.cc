#include "model/train/turn_places.h"

#include <cmath>

#include <gtest/gtest.h>

namespace lingula {
namespace {

constexpr Turn kAsItWas = {1, 0, 0, 1};
constexpr Turn kMirrored = {-1, 0, 0, 1};
constexpr Turn kUpended = {1, 0, 0, -1};

std::string Places(const std::string& places, const Turn& turn) {
  const std::string before = "one red polyp, located in ", after = " of the image";
  const std::string turned = TurnPlaces(before + places + after, turn);
  EXPECT_EQ(turned.substr(0, before.size()), before);
  EXPECT_EQ(turned.substr(turned.size() - after.size()), after);
  return turned.substr(before.size(), turned.size() - before.size() - after.size());
}

// The picture was turned clockwise by so many degrees: a step to the right now led, before, up.
Turn Clockwise(double degrees, double zoom = 1) {
  const double angle = degrees * std::acos(-1) / 180;
  const double c = zoom * std::cos(angle), s = zoom * std::sin(angle);
  return {c, s, -s, c};
}

TEST(TurnPlacesTest, MirroredPicturesChangeSides) {
  EXPECT_EQ(Places("top right, center, left", kAsItWas), "top right, center, left");
  EXPECT_EQ(Places("top right, center, left", kMirrored), "top left, center, right");
  EXPECT_EQ(Places("top right, bottom", kUpended), "bottom right, top");
}

TEST(TurnPlacesTest, TurnedPicturesTakeTheirPlacesAlong) {
  EXPECT_EQ(Places("top", Clockwise(90)), "right");
  EXPECT_EQ(Places("right", Clockwise(90)), "bottom");
  EXPECT_EQ(Places("top left", Clockwise(90)), "top right");
  EXPECT_EQ(Places("top left, center", Clockwise(180)), "bottom right, center");
  EXPECT_EQ(Places("top", Clockwise(45, 0.7)), "top right");
  EXPECT_EQ(Places("top", Clockwise(20, 1.4)), "top");  // nearer to top than to top right
}

TEST(TurnPlacesTest, MirroredAndTurned) {
  // First mirrored, then turned clockwise by a right angle: what was left is on the right, then
  // below.
  const Turn quarter = Clockwise(90);
  const Turn both = {-quarter[0], -quarter[1], quarter[2], quarter[3]};
  EXPECT_EQ(Places("left", both), "bottom");
}

TEST(TurnPlacesTest, OtherCaptionsStay) {
  for (const char* caption : {"unilateral pulmonary infection, lower left lung.", "",
                              "located in left", "a polyp located in left of the picture"}) {
    EXPECT_EQ(TurnPlaces(caption, kMirrored), caption);
  }
  EXPECT_EQ(Places("far left", kMirrored), "far left");  // not a place that we know
}

}  // namespace
}  // namespace lingula
