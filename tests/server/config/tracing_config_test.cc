#include "server/config/tracing_config.h"

#include <gmock/gmock.h>

#include "server/config/server_config.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(TracingConfig, IsOffUnlessAskedFor) {
  EXPECT_FALSE(ParseServerConfig("", "f")->tracing.has_value());
  const auto config = ParseServerConfig("tracing { endpoint: \"[::1]:4317\" }", "f");
  ASSERT_THAT(config, test::IsOk());
  EXPECT_EQ(config->tracing->options.endpoint, "[::1]:4317");
  EXPECT_EQ(config->tracing->sampling_ratio, 0);
  EXPECT_EQ(config->tracing->options.max_queued, 4096U);
  EXPECT_EQ(config->tracing->options.interval.count(), 1000);
}

TEST(TracingConfig, TakesEveryField) {
  const auto config = ParseServerConfig(
      "tracing { endpoint: \"a:1\" sampling_ratio: 0.25 max_queued: 512 export_interval_ms: 10 }",
      "f");
  ASSERT_THAT(config, test::IsOk());
  EXPECT_EQ(config->tracing->sampling_ratio, 0.25);
  EXPECT_EQ(config->tracing->options.max_queued, 512U);
  EXPECT_EQ(config->tracing->options.interval.count(), 10);
}

TEST(TracingConfig, NamesEachMistakeAtItsPlace) {
  const auto config = ParseServerConfig(
      "tracing {\n  sampling_ratio: 1.5\n  max_queued: 7\n  export_interval_ms: 9\n}", "f");
  EXPECT_THAT(config, test::StatusIs(
                          absl::StatusCode::kInvalidArgument,
                          AllOf(HasSubstr("f:1:1: tracing.endpoint: must name a collector"),
                                HasSubstr("f:2:3: tracing.sampling_ratio: must be in [0, 1]"),
                                HasSubstr("f:3:3: tracing.max_queued: must be in [512, 1048576]"),
                                HasSubstr("f:4:3: tracing.export_interval_ms: must be in [10,"))));
  EXPECT_FALSE(ParseServerConfig("tracing { endpoint: \"a:1\" sampling_ratio: nan }", "f").ok());
}

}  // namespace
}  // namespace lingula
