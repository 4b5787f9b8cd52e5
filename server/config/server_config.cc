#include "server/config/server_config.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lingula/config/v1/server_config.pb.h"
#include "model/base/status_macros.h"
#include "model/bundle/take.h"
#include "model/bundle/textproto.h"

namespace lingula {
namespace {

void TakeListening(const config::v1::ServerConfig& proto, Textproto& text, ServerConfig& config) {
  if (proto.has_listen_host()) {
    config.listen_host = proto.listen_host();
    if (config.listen_host.empty()) {
      text.Problem("listen_host", "must not be empty: \"127.0.0.1\" or \"0.0.0.0\", for example");
    }
  }
  Take(text, "port", proto.port(), 0, 65535, config.port);
  Take(text, "metrics_port", proto.metrics_port(), 0, 65535, config.metrics_port);
  if (config.port != 0 && config.port == config.metrics_port) {
    text.Problem(text.Has("metrics_port") ? "metrics_port" : "port",
                 absl::StrCat("port and metrics_port must differ, both are ", config.port));
  }
}

void TakeAdmin(const config::v1::ServerConfig& proto, Textproto& text, ServerConfig& config) {
  if (proto.has_admin_host()) {
    config.admin_host = proto.admin_host();
    if (config.admin_host.empty()) {
      text.Problem("admin_host", "must not be empty: \"127.0.0.1\", for example");
    }
  }
  if (proto.has_admin_port()) {
    int port = 0;
    Take(text, "admin_port", proto.admin_port(), 0, 65535, port);
    config.admin_port = port;
    if (port != 0 && (port == config.port || port == config.metrics_port)) {
      text.Problem("admin_port", absl::StrCat("must differ from port and metrics_port, is ", port));
    }
  }
  int64_t poll = 0;
  Take(text, "repository_poll_seconds", proto.repository_poll_seconds(), 0, 3600, poll);
  config.repository_poll = std::chrono::seconds(poll);
}

void TakeModels(const config::v1::ServerConfig& proto, absl::string_view file, Textproto& text,
                ServerConfig& config) {
  if (proto.has_model_repository()) {
    config.model_repository = proto.model_repository();
    if (config.model_repository.empty()) {
      text.Problem("model_repository", "must name a folder");
    }
  }
  const std::filesystem::path folder = std::filesystem::path(std::string(file)).parent_path();
  config.model_repository = (folder / config.model_repository).lexically_normal().string();
  std::set<std::pair<std::string, std::string>> seen;
  for (int i = 0; i < proto.models_size(); ++i) {
    const config::v1::ServedModel& model = proto.models(i);
    if (model.name().empty()) {
      text.Problem(absl::StrCat("models[", i, "].name"), "must be given");
    } else if (!seen.emplace(model.name(), model.version()).second) {
      text.Problem(absl::StrCat("models[", i, "]"), "the same model is listed twice");
    }
    config.models.push_back({model.name(), model.version()});
  }
}

void TakeBatching(const config::v1::Batching& proto, Textproto& text,
                  BatchQueue::Options& batching) {
  Take(text, "batching.max_batch_size", proto.max_batch_size(), 1, 256, batching.max_batch_size);
  uint32_t delay_us = batching.max_delay.count();
  Take(text, "batching.max_delay_us", proto.max_delay_us(), 0, 1'000'000, delay_us);
  batching.max_delay = std::chrono::microseconds(delay_us);
  Take(text, "batching.max_queued", proto.max_queued(), 1, 65536, batching.max_queued);
  if (batching.max_queued < batching.max_batch_size) {
    text.Problem(
        text.Has("batching.max_queued") ? "batching.max_queued" : "batching.max_batch_size",
        absl::StrCat("max_queued (", batching.max_queued, ") must be at least max_batch_size (",
                     batching.max_batch_size, ")"));
  }
}

Precision PrecisionFrom(config::v1::Precision precision) {
  switch (precision) {
    case config::v1::PRECISION_FLOAT32:
      return Precision::kFloat32;
    case config::v1::PRECISION_BFLOAT16:
      return Precision::kBfloat16;
    case config::v1::PRECISION_FLOAT16:
      return Precision::kFloat16;
    default:
      return Precision::kAuto;
  }
}

void CheckPrecision(config::v1::Precision precision, absl::string_view field, Textproto& text) {
  if (!config::v1::Precision_IsValid(precision)) {
    text.Problem(field, "must be one of PRECISION_AUTO, _FLOAT32, _BFLOAT16, _FLOAT16");
  }
}

// N of "cuda:N"; -1 for "cpu"; nothing for any other name.
std::optional<int> IndexOf(absl::string_view name) {
  int index = 0;
  if (name == "cpu") {
    return -1;
  }
  if (!absl::ConsumePrefix(&name, "cuda:") || name.size() > 2 ||
      !std::all_of(name.begin(), name.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(name, &index) || index > 63) {
    return std::nullopt;
  }
  return index;
}

void TakeDevices(const config::v1::ServerConfig& proto, Textproto& text, ServerConfig& config) {
  CheckPrecision(proto.cuda().precision(), "cuda.precision", text);
  config.gpu_precision = PrecisionFrom(proto.cuda().precision());
  std::set<int> seen;
  for (int i = 0; i < proto.devices_size(); ++i) {
    const std::string field = absl::StrCat("devices[", i, "]"), count = field + ".instances";
    const std::optional<int> index = IndexOf(proto.devices(i).name());
    if (!index.has_value()) {
      text.Problem(field + ".name", "must be \"cpu\" or \"cuda:N\", N from 0 to 63");
      continue;
    }
    if (!seen.insert(*index).second) {
      text.Problem(field, "the same device is listed twice");
    }
    DeviceShare share;
    share.index = *index;
    Take(text, count, proto.devices(i).instances(), 1, 64, share.instances);
    if (*index >= 0) {
      config.gpus.push_back(share);
    } else if (text.Has(count) && text.Has("cpu.instances")) {
      text.Problem(count, "cpu.instances says the same: give one of the two");
    } else if (text.Has(count)) {
      config.instances = share.instances;
    }
  }
  if (seen.count(-1) > 0 && seen.size() > 1) {
    text.Problem("devices",
                 "\"cpu\" and GPUs cannot be mixed: equal pictures would get masks that "
                 "differ by chance");
  }
}

log::Level LevelFrom(config::v1::LogLevel level) {
  switch (level) {
    case config::v1::LOG_LEVEL_DEBUG:
      return log::Level::kDebug;
    case config::v1::LOG_LEVEL_WARNING:
      return log::Level::kWarning;
    case config::v1::LOG_LEVEL_ERROR:
      return log::Level::kError;
    default:
      return log::Level::kInfo;
  }
}

void TakeResources(const config::v1::ServerConfig& proto, Textproto& text, ServerConfig& config) {
  Take(text, "limits.max_message_bytes", proto.limits().max_message_bytes(), 1024, 1 << 30,
       config.max_message_bytes);
  Take(text, "limits.max_image_pixels", proto.limits().max_image_pixels(), 1, 1 << 28,
       config.max_image_pixels);
  Take(text, "streams.max_open", proto.streams().max_open(), 0, 65536, config.max_open_streams);
  Take(text, "cpu.engine_threads", proto.cpu().engine_threads(), 0, 256, config.engine_threads);
  Take(text, "cpu.image_threads", proto.cpu().image_threads(), 0, 256, config.image_threads);
  Take(text, "cpu.instances", proto.cpu().instances(), 0, 64, config.instances);
  config.pin_threads = proto.cpu().pin_threads();
  CheckPrecision(proto.cpu().precision(), "cpu.precision", text);
  config.precision = PrecisionFrom(proto.cpu().precision());
  TakeDevices(proto, text, config);
  int64_t grace = config.shutdown_grace.count();
  Take(text, "shutdown_grace_seconds", proto.shutdown_grace_seconds(), 0, 3600, grace);
  config.shutdown_grace = std::chrono::seconds(grace);
  if (!config::v1::LogLevel_IsValid(proto.log_level())) {
    text.Problem("log_level", "must be one of LOG_LEVEL_DEBUG, _INFO, _WARNING, _ERROR");
  }
  config.log_level = LevelFrom(proto.log_level());
}

}  // namespace

absl::StatusOr<ServerConfig> ParseServerConfig(absl::string_view text, absl::string_view file) {
  config::v1::ServerConfig proto;
  Textproto parse(text, file, proto);
  ServerConfig config;
  if (parse.parsed()) {
    TakeListening(proto, parse, config);
    TakeAdmin(proto, parse, config);
    TakeModels(proto, file, parse, config);
    TakeBatching(proto.batching(), parse, config.batching);
    TakeResources(proto, parse, config);
    config.security = TakeSecurity(proto, file, parse);
    const std::string folder = std::filesystem::path(std::string(file)).parent_path().string();
    config.audit = TakeAudit(proto, folder, parse);
    config.tracing = TakeTracing(proto, parse);
  }
  LINGULA_RETURN_IF_ERROR(parse.status());
  return config;
}

}  // namespace lingula
