#include "server/config/audit_config.h"

#include <gmock/gmock.h>

#include "server/config/server_config.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::HasSubstr;

TEST(AuditConfig, IsOffUnlessAskedFor) {
  EXPECT_FALSE(ParseServerConfig("", "server.textproto")->audit.has_value());
}

TEST(AuditConfig, HasDefaultsAndPathsFromTheFile) {
  const auto config = ParseServerConfig(R"(audit { folder: "log" key_file: "/keys/audit" })",
                                        "/etc/lingula/server.textproto");
  ASSERT_THAT(config, IsOk());
  ASSERT_TRUE(config->audit.has_value());
  const AuditConfig& audit = *config->audit;
  EXPECT_EQ(audit.folder, "/etc/lingula/log");
  EXPECT_EQ(audit.key_file, "/keys/audit");
  EXPECT_EQ(audit.options.max_queued, 16384U);
  EXPECT_EQ(audit.options.flush_interval.count(), 100);
  EXPECT_EQ(audit.options.sync, AuditSync::kInterval);
  EXPECT_EQ(audit.options.sync_interval.count(), 1000);
  EXPECT_EQ(audit.options.policy, AuditPolicy::kServe);
  EXPECT_EQ(audit.options.writer.rotate_bytes, 64 << 20);
  EXPECT_EQ(audit.options.writer.rotate_after, absl::Hours(24));
}

TEST(AuditConfig, TakesEveryField) {
  const auto config = ParseServerConfig(R"(audit {
      folder: "a" key_file: "k" max_file_mib: 1 max_file_hours: 2 max_queued: 64
      flush_interval_ms: 0 sync: AUDIT_SYNC_ALWAYS sync_interval_ms: 10
      when_unwritable: AUDIT_POLICY_REFUSE })",
                                        "server.textproto");
  ASSERT_THAT(config, IsOk());
  const AuditLog::Options& options = config->audit->options;
  EXPECT_EQ(options.writer.rotate_bytes, 1 << 20);
  EXPECT_EQ(options.writer.rotate_after, absl::Hours(2));
  EXPECT_EQ(options.max_queued, 64U);
  EXPECT_EQ(options.flush_interval.count(), 0);
  EXPECT_EQ(options.sync, AuditSync::kAlways);
  EXPECT_EQ(options.sync_interval.count(), 10);
  EXPECT_EQ(options.policy, AuditPolicy::kRefuse);
}

TEST(AuditConfig, NamesEachMistakeAtItsPlace) {
  const auto config = ParseServerConfig(R"(audit {
  max_file_mib: 0
  max_queued: 63
  sync: 9
  flush_interval_ms: 10001
})",
                                        "server.textproto");
  EXPECT_THAT(config,
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("server.textproto:1:1: audit.folder: must name a folder"),
                             HasSubstr("server.textproto:1:1: audit.key_file: must name a file"),
                             HasSubstr(":2:3: audit.max_file_mib: must be in [1, 4096], got 0"),
                             HasSubstr(":3:3: audit.max_queued: must be in [64, 1048576], got 63"),
                             HasSubstr(":4:3: audit.sync: must be one of"),
                             HasSubstr(":5:3: audit.flush_interval_ms: must be in [0, 10000]"))));
}

}  // namespace
}  // namespace lingula
