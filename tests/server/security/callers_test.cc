#include "server/security/callers.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/security/token.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using absl::StatusCode;
using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;

// $A and $B become hashes of the tokens "a" and "b".
absl::StatusOr<Callers> Parse(const std::string& text) {
  return Callers::Parse(absl::StrReplaceAll(text, {{"$A", TokenHash("a")}, {"$B", TokenHash("b")}}),
                        "callers.textproto");
}

constexpr char kTwo[] = R"(
  callers { name: "pacs-gateway" roles: ROLE_SEGMENT token_sha256: "$A"
            certificates: "DNS:gateway.example" certificates: "CN:gateway"
            limits { calls_per_second: 20 max_calls: 4 max_streams: 2 } }
  callers { name: "ops@example" roles: [ROLE_ADMIN, ROLE_READ] token_sha256: "$B" })";

TEST(Callers, AreKnownByTokenOrCertificate) {
  const auto callers = Parse(kTwo);
  ASSERT_THAT(callers, IsOk());
  const KnownCaller* gateway = callers->FindToken("a");
  ASSERT_NE(gateway, nullptr);
  EXPECT_EQ(gateway->name, "pacs-gateway");
  EXPECT_TRUE(gateway->roles.Has(Role::kSegment));
  EXPECT_FALSE(gateway->roles.Has(Role::kRead));
  EXPECT_FALSE(gateway->roles.Has(Role::kAdmin));
  ASSERT_TRUE(gateway->limits.has_value());
  EXPECT_EQ(gateway->limits->calls_per_second, 20);
  EXPECT_EQ(gateway->limits->burst, 20) << "as many as in a second";
  EXPECT_EQ(gateway->limits->max_calls, 4);
  EXPECT_EQ(gateway->limits->max_streams, 2);
  EXPECT_EQ(callers->FindCertificate({"DNS:other", "CN:gateway"}), gateway);
  EXPECT_EQ(callers->FindCertificate({"DNS:gateway"}), nullptr) << "a name of another kind";
  EXPECT_EQ(callers->FindCertificate({}), nullptr);
  const KnownCaller* ops = callers->FindToken("b");
  ASSERT_NE(ops, nullptr);
  EXPECT_TRUE(ops->roles.Has(Role::kAdmin) && ops->roles.Has(Role::kRead));
  EXPECT_FALSE(ops->limits.has_value());
}

TEST(Callers, NothingButTheTokenOpens) {
  const auto callers = Parse(kTwo);
  ASSERT_THAT(callers, IsOk());
  for (const std::string& wrong :
       {std::string(), std::string("c"), std::string("aa"), TokenHash("a")}) {
    EXPECT_EQ(callers->FindToken(wrong), nullptr) << wrong;
  }
}

TEST(Callers, HashesMayBeInCapitals) {
  const auto callers = Parse(
      R"(callers { name: "n" roles: ROLE_READ
         token_sha256: "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD" })");
  ASSERT_THAT(callers, IsOk());
  EXPECT_NE(callers->FindToken("abc"), nullptr);
}

TEST(Callers, EveryMistakeIsNamedAtItsPlace) {
  const auto wrong = Parse(R"(callers { name: "two words" token_sha256: "$A" }
callers { name: "n" roles: ROLE_UNSPECIFIED }
callers { name: "n" roles: ROLE_READ token_sha256: "secret"
  certificates: "gateway" certificates: "DNS:" }
callers { name: "m" roles: ROLE_READ token_sha256: "$A" limits { burst: 3 } }
callers { name: "o" roles: ROLE_READ token_sha256: "$B" limits { calls_per_second: 2000000 } })");
  for (const char* part : {
           "callers.textproto:1:11: callers[0].name: must be 1 to 64 of",
           "callers.textproto:1:1: callers[0].roles: must be given",
           "callers.textproto:2:1: callers[1]: needs token_sha256 or certificates",
           "callers.textproto:2:21: callers[1].roles[0]: must be ROLE_SEGMENT",
           "callers.textproto:3:11: callers[2].name: is the name of two callers",
           "callers.textproto:3:38: callers[2].token_sha256[0]: must be 64 hexadecimal digits",
           "callers.textproto:4:3: callers[2].certificates[0]: must be CN:, DNS:",
           "callers.textproto:4:27: callers[2].certificates[1]: must be CN:, DNS:",
           "callers.textproto:5:38: callers[3].token_sha256[0]: is there twice",
           "callers[3].limits.burst: means something only with calls_per_second",
           "callers[4].limits.calls_per_second: must be in [0, 1000000]",
       }) {
    EXPECT_THAT(wrong, StatusIs(StatusCode::kInvalidArgument, HasSubstr(part)));
  }
}

TEST(Callers, AFileHoldsABoundedNumber) {
  std::string text;
  for (int i = 0; i < 1001; ++i) {
    absl::StrAppend(&text, "callers { name: \"n", i, "\" roles: ROLE_READ certificates: \"CN:", i,
                    "\" }\n");
  }
  EXPECT_THAT(Parse(text), StatusIs(StatusCode::kInvalidArgument, HasSubstr("at most 1000")));
}

}  // namespace
}  // namespace lingula
