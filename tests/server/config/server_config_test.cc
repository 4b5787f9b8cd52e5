#include "server/config/server_config.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

#include "absl/strings/str_split.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using test::IsOk;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(ParseServerConfig, AnEmptyFileGivesTheDefaults) {
  const auto config = ParseServerConfig("", "server.textproto");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->listen_host, "127.0.0.1");
  EXPECT_EQ(config->port, 8500);
  EXPECT_EQ(config->metrics_port, 9500);
  EXPECT_FALSE(config->admin_port.has_value());
  EXPECT_EQ(config->admin_host, "127.0.0.1");
  EXPECT_EQ(config->repository_poll.count(), 0);
  EXPECT_EQ(config->model_repository, "model/bundles");
  EXPECT_EQ(config->max_message_bytes, 67108864);
  EXPECT_EQ(config->max_image_pixels, 67108864);
  EXPECT_EQ(config->batching.max_batch_size, 8);
  EXPECT_EQ(config->batching.max_delay.count(), 0);
  EXPECT_EQ(config->batching.max_queued, 64);
  EXPECT_EQ(config->max_open_streams, 64);
  EXPECT_EQ(config->engine_threads, 0);
  EXPECT_EQ(config->image_threads, 0);
  EXPECT_EQ(config->precision, Precision::kAuto);
  EXPECT_EQ(config->gpu_precision, Precision::kAuto);
  EXPECT_TRUE(config->gpus.empty());
  EXPECT_EQ(config->instances, 0);
  EXPECT_EQ(config->shutdown_grace.count(), 20);
  EXPECT_EQ(config->log_level, log::Level::kInfo);
}

TEST(ParseServerConfig, TakesEveryField) {
  const auto config = ParseServerConfig(R"(
    listen_host: "0.0.0.0"  port: 0  metrics_port: 0  model_repository: "/srv/bundles"
    admin_port: 8501  admin_host: "::1"  repository_poll_seconds: 30
    models { name: "b" version: "2" } models { name: "a" }
    limits { max_message_bytes: 2048 max_image_pixels: 100 }
    batching { max_batch_size: 16 max_delay_us: 1500 max_queued: 16 }
    streams { max_open: 5 }
    cpu { engine_threads: 3 image_threads: 2 precision: PRECISION_BFLOAT16
          instances: 3 pin_threads: true }
    cuda { precision: PRECISION_FLOAT16 }
    shutdown_grace_seconds: 0  log_level: LOG_LEVEL_WARNING)",
                                        "server.textproto");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->listen_host, "0.0.0.0");
  EXPECT_EQ(config->port, 0);
  EXPECT_EQ(config->metrics_port, 0);
  EXPECT_EQ(config->model_repository, "/srv/bundles");
  EXPECT_EQ(config->admin_port, 8501);
  EXPECT_EQ(config->admin_host, "::1");
  EXPECT_EQ(config->repository_poll, std::chrono::seconds(30));
  ASSERT_EQ(config->models.size(), 2U);
  EXPECT_EQ(config->models[0].name, "b");
  EXPECT_EQ(config->models[0].version, "2");
  EXPECT_EQ(config->models[1].version, "");
  EXPECT_EQ(config->max_message_bytes, 2048);
  EXPECT_EQ(config->max_open_streams, 5);
  EXPECT_EQ(config->max_image_pixels, 100);
  EXPECT_EQ(config->batching.max_batch_size, 16);
  EXPECT_EQ(config->batching.max_delay.count(), 1500);
  EXPECT_EQ(config->batching.max_queued, 16);
  EXPECT_EQ(config->instances, 3);
  EXPECT_TRUE(config->pin_threads);
  EXPECT_EQ(config->engine_threads, 3);
  EXPECT_EQ(config->image_threads, 2);
  EXPECT_EQ(config->precision, Precision::kBfloat16);
  EXPECT_EQ(config->gpu_precision, Precision::kFloat16);
  EXPECT_EQ(config->shutdown_grace.count(), 0);
  EXPECT_EQ(config->log_level, log::Level::kWarning);
}

TEST(ParseServerConfig, ListsGpusWithTheirInstances) {
  const auto config = ParseServerConfig(
      R"(devices { name: "cuda:0" instances: 2 } devices { name: "cuda:11" })", "s.textproto");
  ASSERT_THAT(config, IsOk());
  ASSERT_EQ(config->gpus.size(), 2U);
  EXPECT_EQ(config->gpus[0].index, 0);
  EXPECT_EQ(config->gpus[0].instances, 2);
  EXPECT_EQ(config->gpus[1].index, 11);
  EXPECT_EQ(config->gpus[1].instances, 1);
}

TEST(ParseServerConfig, TheProcessorIsADeviceToo) {
  const auto config = ParseServerConfig(R"(devices { name: "cpu" instances: 4 })", "s.textproto");
  ASSERT_THAT(config, IsOk());
  EXPECT_TRUE(config->gpus.empty());
  EXPECT_EQ(config->instances, 4);
}

TEST(ParseServerConfig, RelativeRepositoriesStartAtTheFile) {
  const auto config = ParseServerConfig(R"(model_repository: "../bundles")", "/etc/x/s.textproto");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->model_repository, "/etc/bundles");
}

TEST(ParseServerConfig, ReportsEveryMistakeAtItsPlace) {
  const auto config = ParseServerConfig(
      "port: 70000\n"
      "models { version: \"1\" }\n"
      "batching {\n"
      "  max_batch_size: 300\n"
      "  max_delay_us: 1000001\n"
      "}\n"
      "listen_host: \"\"\n",
      "s.textproto");
  ASSERT_THAT(config, StatusIs(absl::StatusCode::kInvalidArgument));
  const std::string message(config.status().message());
  EXPECT_THAT(
      std::vector<std::string>(absl::StrSplit(message, '\n')),
      ElementsAre("s.textproto:1:1: port: must be in [0, 65535], got 70000",
                  HasSubstr("s.textproto:2:1: models[0].name: must be given"),
                  "s.textproto:4:3: batching.max_batch_size: must be in [1, 256], got 300",
                  "s.textproto:5:3: batching.max_delay_us: must be in [0, 1000000], got 1000001",
                  HasSubstr("s.textproto:7:1: listen_host: must not be empty")));
}

struct Mistake {
  const char* name;
  const char* text;
  const char* message;
};

class ServerConfigMistake : public testing::TestWithParam<Mistake> {};

TEST_P(ServerConfigMistake, IsExplained) {
  EXPECT_THAT(ParseServerConfig(GetParam().text, "s.textproto"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    All, ServerConfigMistake,
    testing::Values(
        Mistake{"same_ports", "port: 9\nmetrics_port: 9",
                "s.textproto:2:1: metrics_port: port and"},
        Mistake{"same_admin_port", "port: 9\nadmin_port: 9",
                "s.textproto:2:1: admin_port: must differ"},
        Mistake{"queue_smaller_than_batch", "batching { max_batch_size: 8 max_queued: 4 }",
                "max_queued (4) must be at least max_batch_size (8)"},
        Mistake{"model_twice", "models { name: \"a\" }\nmodels { name: \"a\" }",
                "s.textproto:2:1: models[1]: the same model is listed twice"},
        Mistake{"no_repository", "model_repository: \"\"", "must name a folder"},
        Mistake{"message_too_small", "limits { max_message_bytes: 5 }",
                "[1024, 1073741824], got 5"},
        Mistake{"no_pixels", "limits { max_image_pixels: 0 }", "[1, 268435456], got 0"},
        Mistake{"threads", "cpu { engine_threads: 257 }", "[0, 256], got 257"},
        Mistake{"grace", "shutdown_grace_seconds: 3601", "[0, 3600], got 3601"},
        Mistake{"unknown_device", "devices { name: \"gpu\" }",
                "s.textproto:1:11: devices[0].name: must be \"cpu\" or \"cuda:N\""},
        Mistake{"device_without_number", "devices { name: \"cuda:\" }", "cuda:N"},
        Mistake{"device_beyond", "devices { name: \"cuda:64\" }", "0 to 63"},
        Mistake{"device_twice", "devices { name: \"cuda:1\" }\ndevices { name: \"cuda:1\" }",
                "s.textproto:2:1: devices[1]: the same device is listed twice"},
        Mistake{"device_instances", "devices { name: \"cuda:1\" instances: 65 }",
                "[1, 64], got 65"},
        Mistake{"device_mix", "devices { name: \"cuda:1\" } devices { name: \"cpu\" }",
                "cannot be mixed"},
        Mistake{"instances_twice", "cpu { instances: 2 } devices { name: \"cpu\" instances: 2 }",
                "give one of the two"},
        Mistake{"unknown_level", "log_level: LOUD", "s.textproto:1:"},
        Mistake{"unknown_field", "prot: 1", "prot"}),
    [](const auto& info) { return info.param.name; });

TEST(ParseServerConfig, TheDocumentedExampleIsGood) {
  std::ifstream file("deploy/server.textproto");
  std::stringstream text;
  text << file.rdbuf();
  ASSERT_FALSE(text.str().empty());
  const auto config = ParseServerConfig(text.str(), "deploy/server.textproto");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->model_repository, "model/bundles");
}

}  // namespace
}  // namespace lingula
