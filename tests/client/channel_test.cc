#include "client/channel.h"

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_folder.h"

namespace lingula {
namespace {

using absl::StatusCode;
using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;

TEST(IsLoopback, IsThisMachineAndNothingThatLooksLikeIt) {
  for (const char* here :
       {"127.0.0.1:8500", "127.1.2.3:1", "localhost:8500", "[::1]:8500", "unix:/run/lingula"}) {
    EXPECT_TRUE(IsLoopback(here)) << here;
  }
  for (const char* elsewhere :
       {"10.0.0.1:8500", "lingula:8500", "localhost.example:8500", "127.example.org:8500",
        "127.0.0.1.example:8500", "[::2]:8500", "dns:///lingula:8500", ""}) {
    EXPECT_FALSE(IsLoopback(elsewhere)) << elsewhere;
  }
}

TEST(OpenChannel, ATokenNeverLeavesTheMachineReadable) {
  const test::TempFolder folder;
  ChannelSecurity security;
  security.token_file = folder.Put("token", "secret\n");
  EXPECT_THAT(OpenChannel("127.0.0.1:1", security), IsOk());
  const auto refused = OpenChannel("lingula.example:8500", security);
  EXPECT_THAT(refused, StatusIs(StatusCode::kInvalidArgument,
                                HasSubstr("lingula.example:8500 without encryption")));
  EXPECT_THAT(refused.status().ToString(), Not(HasSubstr("secret")));
  security.tls = true;
  EXPECT_THAT(OpenChannel("lingula.example:8500", security), IsOk());
}

TEST(OpenChannel, SaysWhichFileIsWrong) {
  const test::TempFolder folder;
  ChannelSecurity security;
  security.ca_file = folder.At("none.pem");
  EXPECT_THAT(OpenChannel("h:1", security), StatusIs(StatusCode::kNotFound, HasSubstr("none.pem")));
  security.ca_file = folder.Put("ca.pem", "x");
  security.key_file = folder.Put("key.pem", "x");
  EXPECT_THAT(OpenChannel("h:1", security),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("given together")));
  security.key_file = "";
  for (const char* content : {"", "  \n", "two words", "line\nline"}) {
    security.token_file = folder.Put("token", content);
    EXPECT_THAT(OpenChannel("h:1", security),
                StatusIs(StatusCode::kInvalidArgument, HasSubstr("must hold one token")));
  }
}

}  // namespace
}  // namespace lingula
