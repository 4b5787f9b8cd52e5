#include "server/audit/chain.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/server/audit/fake_disk.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::FakeEvent;
using test::FakeKeys;
using test::IsOk;
using test::StatusIs;
using testing::HasSubstr;
using testing::Not;

// RFC 4231, test case 2, and FIPS 180-2.
TEST(AuditKeys, HashesAreTheStandardOnes) {
  EXPECT_EQ(HmacHex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(HashHex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(AuditKeys, AShortSecretIsRefused) {
  EXPECT_THAT(AuditKeysFrom(std::string(31, 'x') + "\n\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("31 bytes")));
  const auto keys = AuditKeysFrom(std::string(32, 'x') + "\n");
  ASSERT_THAT(keys, IsOk());
  EXPECT_NE(keys->chain, keys->identity);
  EXPECT_EQ(keys->chain, AuditKeysFrom(std::string(32, 'x'))->chain) << "an editor's line feed";
}

TEST(Chain, ALineIsJsonAndHidesIds) {
  ChainPlace place;
  AuditEvent event = FakeEvent("DOE^JANE-4711");
  event.caller = "caf\xe9 \"\x01";  // no UTF-8
  const std::string line = SealLine(FieldsOf(event, FakeKeys()), FakeKeys(), place);
  ASSERT_EQ(line.back(), '\n');
  const auto fields = nlohmann::json::parse(line);
  EXPECT_EQ(fields["seq"], 1);
  EXPECT_EQ(fields["time"], "2027-01-15T08:00:00.000123Z");
  EXPECT_EQ(fields["event"], "inference");
  EXPECT_EQ(fields["request"], HmacHex(FakeKeys().identity, "DOE^JANE-4711"));
  EXPECT_EQ(fields["flags"], (std::vector<std::string>{"EMPTY_MASK", "LOSSY_INPUT"}));
  EXPECT_EQ(fields["latency_us"], 1234);
  EXPECT_FALSE(fields.contains("instance")) << "there was none";
  EXPECT_THAT(line, Not(HasSubstr("JANE")));
}

TEST(Chain, LinesFollowOnEachOther) {
  const AuditKeys keys = FakeKeys();
  ChainPlace place;
  const std::string fields = FieldsOf(FakeEvent(), keys);
  const std::string first = SealLine(fields, keys, place), second = SealLine(fields, keys, place);
  const auto one = ParseLine(absl::string_view(first).substr(0, first.size() - 1));
  const auto two = ParseLine(absl::string_view(second).substr(0, second.size() - 1));
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(two, IsOk());
  EXPECT_TRUE(Follows(*one, ChainPlace()));
  EXPECT_TRUE(Follows(*two, one->place()));
  EXPECT_FALSE(Follows(*two, ChainPlace()));
  EXPECT_TRUE(IsSealed(*two, keys));
  EXPECT_FALSE(IsSealed(*two, FakeKeys("another secret of thirty-two bytes")));
  EXPECT_EQ(two->sequence, 2);
  EXPECT_EQ(two->event, "inference");
  ChainPlace other;
  other.mac[0] = '1';  // of the line before, whose hash is the same
  EXPECT_FALSE(Follows(*one, other));
}

TEST(Chain, OtherLinesAreNotParsed) {
  for (const char* line : {"", "{}", "{\"seq\":1,\"time\":\"t\",\"event\":\"inference\"}"}) {
    EXPECT_THAT(ParseLine(line), StatusIs(absl::StatusCode::kInvalidArgument)) << line;
  }
}

}  // namespace
}  // namespace lingula
