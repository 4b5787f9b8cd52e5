#include "client/console/door_rules.h"

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"

namespace lingula::console {
namespace {

using test::IsOk;
using test::StatusIs;

struct Case {
  const char* host;
  bool allowed;
};

class DoorHostTest : public testing::TestWithParam<Case> {};

TEST_P(DoorHostTest, NamesOfOthersAreRefused) {
  const DoorRules rules{{"reading-room"}};
  EXPECT_EQ(CheckCaller(rules, {false, GetParam().host, ""}).ok(), GetParam().allowed);
}
INSTANTIATE_TEST_SUITE_P(
    All, DoorHostTest,
    testing::Values(Case{"127.0.0.1:8600", true}, Case{"127.0.0.1", true}, Case{"[::1]:8600", true},
                    Case{"[::1]", true}, Case{"192.168.1.7:8600", true}, Case{"localhost:1", true},
                    Case{"LocalHost", true}, Case{"Reading-Room:8600", true}, Case{"", false},
                    Case{"evil.example", false}, Case{"127.0.0.1.evil.example", false},
                    Case{"localhost.evil.example:8600", false}, Case{"localhost:80:80", false},
                    Case{"localhost:x", false}, Case{"[::1", false}, Case{"[::1]x", false},
                    Case{"1.2.3", false}, Case{"user@localhost", false}));

TEST(DoorRules, WhatChangesMustComeFromThePageItself) {
  const DoorRules rules;
  const auto posted = [&](const char* host, const char* origin) {
    return CheckCaller(rules, {true, host, origin});
  };
  EXPECT_THAT(posted("localhost:8600", "http://localhost:8600"), IsOk());
  EXPECT_THAT(posted("localhost:8600", "https://localhost:8600"), IsOk());
  for (const char* origin : {"", "null", "http://localhost:8601", "http://127.0.0.1:8600",
                             "http://evil.example", "http://localhost:8600.evil.example"}) {
    EXPECT_THAT(posted("localhost:8600", origin), StatusIs(absl::StatusCode::kPermissionDenied))
        << origin;
  }
}

}  // namespace
}  // namespace lingula::console
