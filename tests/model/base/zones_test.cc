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

TEST(ZonesTest, TheSecondReportTurnsTheMostDoubtfulZone) {
  EXPECT_EQ(SecondReport({0.9F, 0.1F, 0.45F, 0.8F, 0.2F, 0.3F}), ZoneBits(0b001101));
  EXPECT_EQ(SecondReport({0.9F, 0.1F, 0.1F, 0.52F, 0.2F, 0.3F}), ZoneBits(0b000001));
  EXPECT_EQ(SecondReport({0.6F, 0.1F, 0.1F, 0.6F, 0.2F, 0.3F}), ZoneBits(0b001000)) << "the first";
}

}  // namespace
}  // namespace lingula
