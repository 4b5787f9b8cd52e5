#include "server/service/mask_forms.h"

#include <cstring>

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using testing::ElementsAre;

// One row of three pixels, of which the last is in the mask.
v1::Mask MaskAs(v1::MaskFormat format) {
  const JudgedMask judged = {(cv::Mat_<uint8_t>(1, 3) << 0, 0, 255),
                             (cv::Mat_<float>(1, 3) << 0.0F, 0.2F, 0.8F)};
  absl::StatusOr<EncodedMask> encoded = EncodeMask(FormFrom(format), judged, {});
  EXPECT_THAT(encoded, IsOk());
  v1::Mask mask;
  MoveMask(*encoded, 3, 1, mask);
  EXPECT_EQ(mask.format(), format);
  EXPECT_EQ(mask.width(), 3U);
  EXPECT_EQ(mask.height(), 1U);
  return mask;
}

TEST(MaskFormsTest, EachFormHasItsField) {
  EXPECT_EQ(MaskAs(v1::MASK_FORMAT_PNG).png().substr(1, 3), "PNG");
  EXPECT_EQ(MaskAs(v1::MASK_FORMAT_COCO_RLE).coco_rle().width(), 3U);
  EXPECT_EQ(MaskAs(v1::MASK_FORMAT_PACKED_BITS).packed_bits(), "\x20");
  EXPECT_EQ(MaskAs(v1::MASK_FORMAT_PROBABILITIES_UINT8).probabilities_uint8(),
            std::string("\x00\x33\xcc", 3));
  const v1::Mask polygons = MaskAs(v1::MASK_FORMAT_POLYGONS);
  ASSERT_EQ(polygons.polygons().polygons_size(), 1);
  EXPECT_THAT(polygons.polygons().polygons(0).xy(), ElementsAre(2, 0, 3, 0, 3, 1, 2, 1));
  EXPECT_FALSE(polygons.polygons().polygons(0).hole());
  const v1::Mask floats = MaskAs(v1::MASK_FORMAT_PROBABILITIES_FLOAT32);
  std::vector<float> p(3);
  ASSERT_EQ(floats.probabilities_float32().size(), sizeof(float) * p.size());
  std::memcpy(p.data(), floats.probabilities_float32().data(), sizeof(float) * p.size());
  EXPECT_THAT(p, ElementsAre(0.0F, 0.2F, 0.8F));
}

}  // namespace
}  // namespace lingula
