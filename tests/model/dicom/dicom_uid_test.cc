#include "model/dicom/dicom_uid.h"

#include <gtest/gtest.h>

#include <set>

namespace lingula {
namespace {

TEST(DerivedUidTest, IsAUuidInDecimal) {
  const std::string uid = DerivedUid({"a", "b"});
  EXPECT_EQ(uid.substr(0, 5), "2.25.");
  EXPECT_TRUE(IsUid(uid));
  EXPECT_LE(uid.size(), 44U);  // 2.25. and at most 39 digits
  EXPECT_NE(uid[5], '0');
  // Worked out with Python's hashlib from b"1:a1:b".
  EXPECT_EQ(uid, "2.25.333375932222145012773997809258604277625");
}

TEST(DerivedUidTest, TellsFactsApartByContentOrderAndPlace) {
  const std::set<std::string> uids = {DerivedUid({"ab", "c"}),     DerivedUid({"a", "bc"}),
                                      DerivedUid({"c", "ab"}),     DerivedUid({"abc"}),
                                      DerivedUid({"ab", "c", ""}), DerivedUid({})};
  EXPECT_EQ(uids.size(), 6U);
}

TEST(IsUidTest, TakesDigitsAndDotsOnly) {
  EXPECT_TRUE(IsUid("1.2.840.10008.1.2"));
  EXPECT_TRUE(IsUid(std::string(64, '1')));
  EXPECT_FALSE(IsUid(std::string(65, '1')));
  EXPECT_FALSE(IsUid(""));
  EXPECT_FALSE(IsUid("1.2."));
  EXPECT_FALSE(IsUid("Doe^John"));
}

}  // namespace
}  // namespace lingula
