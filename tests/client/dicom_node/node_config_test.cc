#include "client/dicom_node/node_config.h"

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"

namespace lingula::node {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(NodeConfig, NeedsThePacsOnly) {
  const auto config =
      ParseNodeConfig("pacs { host: \"pacs.example\" ae_title: \"ARCHIVE\" }", "/etc/n.textproto");
  ASSERT_THAT(config.status(), test::IsOk());
  EXPECT_EQ(config->listen_host, "127.0.0.1");
  EXPECT_EQ(config->port, 11112);
  EXPECT_EQ(config->association.ae_title, "LINGULA");
  EXPECT_EQ(config->pacs.own_ae_title, "LINGULA");
  EXPECT_EQ(config->pacs.port, 104);
  EXPECT_EQ(config->metrics_port, std::nullopt);
  EXPECT_EQ(config->spool.folder, "/etc/spool");
  EXPECT_EQ(config->association.max_file_bytes, config->spool.max_file_bytes);
}

TEST(NodeConfig, TakesWhatTheFileSays) {
  const auto config = ParseNodeConfig(
      "ae_title: \"SEG NODE\" calling_ae_titles: [\"CR1\", \"CR2\"] port: 0\n"
      "service { target: \"host:1\" model: \"m\" deadline_ms: 2000 at_a_time: 9 }\n"
      "pacs { host: \"p\" port: 4242 ae_title: \"A\" timeout_s: 5 }\n"
      "spool { folder: \"/var/spool/x\" max_files: 7 max_mib: 2 max_file_mib: 1 }\n"
      "results { structured_report: true all_frames: true } max_attempts: 4 metrics_port: 9501",
      "n.textproto");
  ASSERT_THAT(config.status(), test::IsOk());
  EXPECT_THAT(config->association.calling_ae_titles, ElementsAre("CR1", "CR2"));
  EXPECT_EQ(config->deadline, std::chrono::seconds(2));
  EXPECT_EQ(config->spool.max_bytes, 2 << 20);
  EXPECT_EQ(config->association.max_file_bytes, 1 << 20);
  EXPECT_TRUE(config->forwarder.structured_report);
  EXPECT_FALSE(config->forwarder.fractional);
  EXPECT_EQ(config->forwarder.at_a_time, 9);
  EXPECT_EQ(config->metrics_port, 9501);
  EXPECT_EQ(config->forwarder.max_attempts, 4);
}

TEST(NodeConfig, FindsTheServicesSecurityBesideTheFile) {
  const auto config = ParseNodeConfig(
      "pacs { host: \"p\" ae_title: \"A\" }\n"
      "service { ca_file: \"ca.pem\" certificate_file: \"c.pem\" key_file: \"/run/k.pem\"\n"
      "  token_file: \"t\" authority: \"name\" }",
      "/etc/lingula/n.textproto");
  ASSERT_THAT(config.status(), test::IsOk());
  EXPECT_TRUE(config->security.UsesTls());
  EXPECT_EQ(config->security.ca_file, "/etc/lingula/ca.pem");
  EXPECT_EQ(config->security.certificate_file, "/etc/lingula/c.pem");
  EXPECT_EQ(config->security.key_file, "/run/k.pem");
  EXPECT_EQ(config->security.token_file, "/etc/lingula/t");
  EXPECT_EQ(config->security.authority, "name");
  EXPECT_THAT(
      ParseNodeConfig("pacs { host: \"p\" ae_title: \"A\" }\n"
                      "service { key_file: \"k\" }",
                      "n.textproto")
          .status(),
      test::StatusIs(absl::StatusCode::kInvalidArgument,
                     HasSubstr("n.textproto:2:11: service.key_file: certificate_file and")));
}

TEST(NodeConfig, ReportsEveryMistakeAtItsPlace) {
  const auto config = ParseNodeConfig(
      "ae_title: \"A TITLE THAT IS TOO LONG\"\nport: 70000\n"
      "spool { max_mib: 1 }\nmax_attempts: 0\n",
      "n.textproto");
  EXPECT_THAT(config.status(),
              test::StatusIs(absl::StatusCode::kInvalidArgument,
                             AllOf(HasSubstr("n.textproto:1:1: ae_title: must be an AE title"),
                                   HasSubstr("n.textproto:2:1: port: must be in [0, 65535]"),
                                   HasSubstr("3:9: spool.max_mib: must be at least max_file_mib"),
                                   HasSubstr("pacs.host: must be given"),
                                   HasSubstr("n.textproto:4:1: max_attempts"))));
  EXPECT_THAT(ParseNodeConfig("paks {}", "n.textproto").status(),
              test::StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1:")));
}

}  // namespace
}  // namespace lingula::node
