#include "model/base/zones.h"

#include <gmock/gmock.h>

namespace lingula {
namespace {

TEST(ZonesTest, ThresholdIsInclusive) {
  const ZoneBits bits = Reported({0.5F, 0.49F, 0, 1, 0.51F, 0});
  EXPECT_TRUE(bits[0] && bits[3] && bits[4]);
  EXPECT_EQ(bits.count(), 3);
}

TEST(ZonesTest, RowReadsImageLeftUpperFirst) {
  ZoneBits bits;
  EXPECT_EQ(ReportRow(bits), 0);
  bits[static_cast<int>(Zone::kImageLeftUpper)] = true;
  EXPECT_EQ(ReportRow(bits), 32);
  bits[static_cast<int>(Zone::kImageRightLower)] = true;
  EXPECT_EQ(ReportRow(bits), 33);
  EXPECT_EQ(ReportRow(ZoneBits(0b111111)), 63);
}

}  // namespace
}  // namespace lingula
