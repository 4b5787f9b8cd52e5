#include "server/config/security_config.h"

#include <gmock/gmock.h>

#include "server/config/server_config.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using std::chrono::seconds;
using test::IsOk;
using testing::HasSubstr;

TEST(SecurityConfig, WithoutSettingsEverybodyMayDoEverythingInPlainText) {
  const auto config = ParseServerConfig("", "s.textproto");
  ASSERT_THAT(config, IsOk());
  const SecurityConfig& security = config->security;
  EXPECT_FALSE(security.files.tls());
  EXPECT_EQ(security.files.callers, "");
  EXPECT_TRUE(security.gate.anonymous.Has(Role::kAdmin));
  EXPECT_FALSE(security.gate.each.Any());
  EXPECT_EQ(security.connections.max_open, 4096);
  EXPECT_EQ(security.connections.max_calls, 1000);
  EXPECT_EQ(security.connections.handshake, seconds(10));
  EXPECT_EQ(security.connections.idle, seconds(300));
  EXPECT_EQ(security.connections.max_age, seconds(0));
  EXPECT_EQ(security.connections.keepalive, seconds(60));
  EXPECT_EQ(security.connections.max_metadata_bytes, 16384);
  EXPECT_EQ(security.reload, seconds(10));
  EXPECT_TRUE(security.reflection);
  EXPECT_FALSE(security.health_port.has_value());
}

TEST(SecurityConfig, TakesEveryField) {
  const auto config = ParseServerConfig(R"(
    tls { certificate_file: "cert.pem" key_file: "/run/key.pem" client_ca_file: "../ca.pem"
          client_certificate: CLIENT_CERTIFICATE_ACCEPTED }
    access { callers_file: "callers.textproto" anonymous_roles: ROLE_READ
             each { calls_per_second: 7 burst: 9 max_calls: 3 max_streams: 2 } }
    connections { max_open: 5 max_calls: 6 handshake_seconds: 7 idle_seconds: 8
                  max_age_seconds: 9 keepalive_seconds: 10 max_metadata_bytes: 2048 }
    reload_seconds: 3  reflection: false  health_port: 0)",
                                        "/etc/lingula/s.textproto");
  ASSERT_THAT(config, IsOk());
  const SecurityConfig& security = config->security;
  EXPECT_EQ(security.files.certificate, "/etc/lingula/cert.pem");
  EXPECT_EQ(security.files.key, "/run/key.pem");
  EXPECT_EQ(security.files.client_ca, "/etc/ca.pem");
  EXPECT_FALSE(security.client_certificate_required);
  EXPECT_EQ(security.files.callers, "/etc/lingula/callers.textproto");
  EXPECT_TRUE(security.gate.anonymous.Has(Role::kRead));
  EXPECT_FALSE(security.gate.anonymous.Has(Role::kSegment));
  EXPECT_EQ(security.gate.each.calls_per_second, 7);
  EXPECT_EQ(security.gate.each.burst, 9);
  EXPECT_EQ(security.gate.each.max_calls, 3);
  EXPECT_EQ(security.gate.each.max_streams, 2);
  EXPECT_EQ(security.connections.max_open, 5);
  EXPECT_EQ(security.connections.max_calls, 6);
  EXPECT_EQ(security.connections.handshake, seconds(7));
  EXPECT_EQ(security.connections.idle, seconds(8));
  EXPECT_EQ(security.connections.max_age, seconds(9));
  EXPECT_EQ(security.connections.keepalive, seconds(10));
  EXPECT_EQ(security.connections.max_metadata_bytes, 2048);
  EXPECT_EQ(security.reload, seconds(3));
  EXPECT_FALSE(security.reflection);
  EXPECT_EQ(security.health_port, 0);
}

TEST(SecurityConfig, WithCallersAStrangerMayDoNothing) {
  const auto config = ParseServerConfig("access { callers_file: \"c\" }", "s.textproto");
  ASSERT_THAT(config, IsOk());
  EXPECT_TRUE(config->security.gate.anonymous.empty());
  const auto limits = ParseServerConfig("access { each { max_calls: 1 } }", "s.textproto");
  ASSERT_THAT(limits, IsOk());
  EXPECT_TRUE(limits->security.gate.anonymous.Has(Role::kAdmin)) << "limits alone ask for no name";
}

TEST(SecurityConfig, ReportsEveryMistakeAtItsPlace) {
  const auto wrong = ParseServerConfig(R"(port: 8500
tls { key_file: "" client_certificate: CLIENT_CERTIFICATE_ACCEPTED }
access { anonymous_roles: ROLE_UNSPECIFIED each { burst: 2 } }
connections { max_open: 70000 max_calls: 0 handshake_seconds: 0 max_metadata_bytes: 10 }
reload_seconds: 0
health_port: 8500)",
                                       "s.textproto");
  for (const char* part : {
           "s.textproto:2:1: tls.certificate_file: must name a PEM file",
           "s.textproto:2:7: tls.key_file: must name a PEM file",
           "s.textproto:2:20: tls.client_certificate: means something only with client_ca_file",
           "s.textproto:3:10: access.anonymous_roles[0]: must be ROLE_SEGMENT",
           "s.textproto:3:51: access.each.burst: means something only with calls_per_second",
           "s.textproto:4:15: connections.max_open: must be in [1, 65536]",
           "s.textproto:4:31: connections.max_calls: must be in [1, 65536]",
           "s.textproto:4:44: connections.handshake_seconds: must be in [1, 120]",
           "s.textproto:4:65: connections.max_metadata_bytes: must be in [1024, 1048576]",
           "s.textproto:5:1: reload_seconds: must be in [1, 3600]",
           "s.textproto:6:1: health_port: is the port of another listener too: 8500",
       }) {
    EXPECT_THAT(wrong, test::StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(part)));
  }
}

}  // namespace
}  // namespace lingula
