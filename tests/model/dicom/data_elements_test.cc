// The walk over elements, on bytes written by hand.
#include "model/dicom/data_elements.h"

#include <string>

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using absl::StatusCode;
using test::IsOk;
using test::StatusIs;

std::string Number(uint64_t value, int bytes) {
  std::string number;
  for (int i = 0; i < bytes; ++i) {
    number.push_back(static_cast<char>(value >> (8 * i)));
  }
  return number;
}

std::string TagBytes(uint32_t tag) {
  return Number(tag >> 16, 2) + Number(tag & 0xffff, 2);
}

std::string Short(uint32_t tag, const char* vr, const std::string& value) {
  return TagBytes(tag) + vr + Number(value.size(), 2) + value;
}

std::string Long(uint32_t tag, const char* vr, const std::string& value,
                 uint32_t length = kUndefinedLength) {
  return TagBytes(tag) + vr + Number(0, 2) + Number(length, 4) + value;
}

std::string Item(const std::string& value) {
  return TagBytes(Tag(0xfffe, 0xe000)) + Number(value.size(), 4) + value;
}

const std::string kSequenceEnd = TagBytes(Tag(0xfffe, 0xe0dd)) + Number(0, 4);
constexpr uint32_t kSequence = Tag(0x0008, 0x1140);

TEST(WalkElementsTest, FindsThePixels) {
  const std::string head = Short(Tag(0x0028, 0x0010), "US", Number(3, 2));
  const std::string nested =
      Long(kSequence, "SQ", Item(Short(Tag(0x0008, 0x1150), "UI", "1.20")) + kSequenceEnd);
  const auto walk = WalkElements(nested + head + Long(kPixelDataTag, "OW", "abcd", 4), {});
  ASSERT_THAT(walk, IsOk());
  ASSERT_EQ(walk->elements.size(), 2U);
  EXPECT_EQ(walk->elements[0].end, nested.size());
  EXPECT_TRUE(walk->has_pixels);
  EXPECT_FALSE(walk->cut_off);
  EXPECT_EQ(walk->pixels.value, nested.size() + head.size() + 12);
  EXPECT_EQ(walk->pixels.length, 4U);
}

TEST(WalkElementsTest, AnEndBetweenElementsIsTheEndAndWithinOneACut) {
  const std::string whole = Short(Tag(0x0028, 0x0010), "US", Number(3, 2)) +
                            Long(kSequence + 0x280000, "SQ", Item("") + kSequenceEnd);
  for (size_t bytes = 1; bytes <= whole.size(); ++bytes) {
    const auto walk = WalkElements(whole.substr(0, bytes), {});
    ASSERT_THAT(walk, IsOk()) << bytes;
    EXPECT_TRUE(walk->cut_off);
    EXPECT_EQ(walk->cut_off_at == bytes, bytes == 10 || bytes == whole.size()) << bytes;
  }
}

TEST(WalkElementsTest, SequencesMayNestOnlySoDeep) {
  const auto nested = [](int depth) {
    std::string bytes;
    for (int i = 0; i < depth; ++i) {
      bytes += Long(kSequence, "SQ", TagBytes(Tag(0xfffe, 0xe000)) + Number(kUndefinedLength, 4));
    }
    for (int i = 0; i < depth; ++i) {
      bytes += TagBytes(Tag(0xfffe, 0xe00d)) + Number(0, 4) + kSequenceEnd;
    }
    return bytes;
  };
  EXPECT_THAT(WalkElements(nested(kMaxDepth), {}), IsOk());
  EXPECT_THAT(WalkElements(nested(kMaxDepth + 1), {}), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(WalkElements(nested(100000), {}), StatusIs(StatusCode::kInvalidArgument));
}

TEST(WalkElementsTest, WhatMayBeParsedAsASequenceCountsAsOne) {
  std::string value;
  for (int i = 0; i <= kMaxDepth; ++i) {
    value = Item(TagBytes(kSequence) + Number(value.size(), 4) + value);  // implicit
  }
  const std::string implicit = TagBytes(kSequence) + Number(value.size(), 4) + value;
  EXPECT_THAT(WalkElements(implicit, {false, false}), StatusIs(StatusCode::kInvalidArgument));
  EXPECT_THAT(WalkElements(Long(kSequence, "UN", value, static_cast<uint32_t>(value.size())), {}),
              StatusIs(StatusCode::kInvalidArgument));
}

TEST(WalkElementsTest, CountsAndOrderAreBounded) {
  std::string many;
  for (size_t i = 0; i <= kMaxElements; ++i) {
    many += Short(Tag(0x0008, 0x0005), "CS", "");
  }
  EXPECT_THAT(WalkElements(many, {}), StatusIs(StatusCode::kInvalidArgument)) << "not in order";
  std::string items;
  for (size_t i = 0; i <= kMaxElements; ++i) {
    items += Item("");
  }
  EXPECT_THAT(WalkElements(Long(kSequence, "SQ", items), {}), StatusIs(StatusCode::kOutOfRange));
}

TEST(WalkElementsTest, DamageIsRefused) {
  for (const std::string& bytes : {
           Short(Tag(0x0008, 0x0005), "zz", "ab"),
           Short(Tag(0x0008, 0x0005), "ZZ", "ab"),
           Item("ab") + std::string(8, ' '),
           Long(kSequence, "SQ", Short(Tag(0x0008, 0x0005), "CS", "ab")),
           Long(kSequence, "SQ", Item(Short(Tag(0x0008, 0x0005), "CS", "ab").substr(0, 9)), 17) +
               std::string(8, 'A'),
       }) {
    EXPECT_THAT(WalkElements(bytes, {}), StatusIs(StatusCode::kInvalidArgument));
  }
}

}  // namespace
}  // namespace lingula
