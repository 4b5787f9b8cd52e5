#include "client/console/page_answer.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace lingula::console {
namespace {

using nlohmann::json;

struct Opened {
  json page;
  std::string rest;  // the parts
};

Opened Open(const std::string& envelope) {
  size_t size = 0;
  for (int i = 3; i >= 0; --i) {
    size = size << 8 | static_cast<uint8_t>(envelope[i]);
  }
  return {json::parse(envelope.substr(4, size)), envelope.substr(4 + size)};
}

void AddOutline(v1::Mask& mask) {
  mask.set_format(v1::MASK_FORMAT_POLYGONS);
  mask.set_width(4);
  mask.set_height(3);
  for (const int first : {1, 5}) {
    v1::Polygon& polygon = *mask.mutable_polygons()->add_polygons();
    for (const int at : {0, 0, 1, 0, 1, 1}) {
      polygon.add_xy(static_cast<uint32_t>(first + at));
    }
  }
}

TEST(Envelope, HoldsPartsBehindTheirText) {
  const std::string long_text(300, 'x');
  EXPECT_EQ(Envelope(long_text, {"ab", "", "c"}),
            std::string("\x2c\x01\0\0", 4) + long_text + "abc");
}

TEST(PageAnswer, HasOutlinesWordsAndProbabilities) {
  v1::SegmentResponse answer;
  AddOutline(*answer.add_masks());
  v1::Mask& probabilities = *answer.add_masks();
  probabilities.set_format(v1::MASK_FORMAT_PROBABILITIES_UINT8);
  probabilities.set_probabilities_uint8(std::string("\0\xff", 2));
  AddOutline(*answer.mutable_second_opinion()->add_masks());
  answer.mutable_second_opinion()->set_dice(0.5F);
  answer.add_flags(v1::FLAG_LOSSY_INPUT);
  answer.mutable_location()->set_sentence("Here.");

  const Opened opened = Open(PageAnswer(answer, std::chrono::microseconds(1234)));
  EXPECT_EQ(opened.rest, std::string("\0\xff", 2));
  EXPECT_EQ(opened.page["parts"], json({2}));
  EXPECT_EQ(opened.page["path"], "M1 1L2 1L2 2ZM5 5L6 5L6 6Z");
  EXPECT_EQ(opened.page["second_path"], opened.page["path"]);
  EXPECT_EQ(opened.page["width"], 4);
  EXPECT_EQ(opened.page["height"], 3);
  EXPECT_EQ(opened.page["round_trip_us"], 1234);
  EXPECT_EQ(opened.page["flags"][0]["name"], "LOSSY_INPUT");
  EXPECT_EQ(opened.page["flags"][0]["meaning"], "The image came through lossy compression.");
  const json& told = opened.page["answer"];
  EXPECT_EQ(told["location"]["sentence"], "Here.");
  EXPECT_EQ(told["second_opinion"]["dice"], 0.5);
  EXPECT_TRUE(told["masks"].empty());
  EXPECT_TRUE(told["second_opinion"]["masks"].empty());
}

TEST(PageFrame, IsAMaskOverItsPictureOrADropReceipt) {
  v1::SegmentStreamResponse answer;
  answer.set_frame_number(7);
  AddOutline(*answer.mutable_result()->add_masks());
  const Opened mask = Open(PageFrame(answer, std::chrono::microseconds(90), "jpeg"));
  EXPECT_EQ(mask.rest, "jpeg");
  EXPECT_EQ(mask.page["frame"], 7);
  EXPECT_EQ(mask.page["path"], "M1 1L2 1L2 2ZM5 5L6 5L6 6Z");
  EXPECT_FALSE(mask.page.contains("dice"));  // of an empty or unjudged mask there is none
  EXPECT_FALSE(mask.page.contains("drop"));

  answer.mutable_drop()->set_reason(v1::DROP_REASON_TOO_OLD);
  answer.mutable_drop()->set_message("older than \xff ms");  // no valid text: replaced, not thrown
  const Opened drop = Open(PageFrame(answer, std::chrono::microseconds(90), "jpeg"));
  EXPECT_EQ(drop.rest, "");
  EXPECT_EQ(drop.page["drop"], "DROP_REASON_TOO_OLD");
}

}  // namespace
}  // namespace lingula::console
