#include "client/dicom_node/node_config.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lingula/config/v1/dicom_node_config.pb.h"
#include "model/base/status_macros.h"
#include "model/bundle/textproto.h"

namespace lingula::node {
namespace {

constexpr int64_t kMebi = int64_t{1} << 20;

// Takes a number that the file gives, times `unit`.
template <typename T>
void Take(Textproto& text, absl::string_view field, uint32_t value, int64_t lowest, int64_t highest,
          T& into, int64_t unit = 1) {
  if (text.Has(field)) {
    text.CheckRange(field, value, lowest, highest);
    into = static_cast<T>(value * unit);
  }
}

// PS3.5, 6.2: AE. No control character, no backslash, not blank.
void CheckTitle(Textproto& text, absl::string_view field, const std::string& title) {
  const bool good = !title.empty() && title.size() <= 16 &&
                    absl::StripAsciiWhitespace(title).size() == title.size() &&
                    std::all_of(title.begin(), title.end(),
                                [](char c) { return absl::ascii_isprint(c) && c != '\\'; });
  if (!good) {
    text.Problem(field,
                 "must be an AE title: 1 to 16 printable ASCII characters without backslash "
                 "and without spaces around them");
  }
}

void TakeListening(const config::v1::DicomNodeConfig& proto, Textproto& text, NodeConfig& config) {
  config.association.ae_title = proto.ae_title().empty() ? "LINGULA" : proto.ae_title();
  CheckTitle(text, "ae_title", config.association.ae_title);
  for (int i = 0; i < proto.calling_ae_titles_size(); ++i) {
    CheckTitle(text, absl::StrCat("calling_ae_titles[", i, "]"), proto.calling_ae_titles(i));
    config.association.calling_ae_titles.push_back(proto.calling_ae_titles(i));
  }
  if (!proto.listen_host().empty()) {
    config.listen_host = proto.listen_host();
  }
  Take(text, "port", proto.port(), 0, 65535, config.port);
  if (proto.has_metrics_port()) {
    Take(text, "metrics_port", proto.metrics_port(), 0, 65535, config.metrics_port.emplace());
  }
  Take(text, "max_associations", proto.max_associations(), 1, 256, config.max_associations);
}

void TakePacs(const config::v1::DicomNodeConfig& proto, Textproto& text, NodeConfig& config) {
  config.pacs.host = proto.pacs().host();
  config.pacs.ae_title = proto.pacs().ae_title();
  config.pacs.own_ae_title = config.association.ae_title;
  if (config.pacs.host.empty()) {
    text.Problem("pacs.host", "must be given: where results go");
  }
  CheckTitle(text, "pacs.ae_title", config.pacs.ae_title);
  Take(text, "pacs.port", proto.pacs().port(), 1, 65535, config.pacs.port);
  Take(text, "pacs.timeout_s", proto.pacs().timeout_s(), 1, 3600, config.pacs.timeout_s);
}

void TakeSpool(const config::v1::NodeSpool& proto, absl::string_view file, Textproto& text,
               NodeConfig& config) {
  SpoolOptions& spool = config.spool;
  const std::filesystem::path folder = std::filesystem::path(std::string(file)).parent_path();
  spool.folder =
      (folder / (proto.folder().empty() ? "spool" : proto.folder())).lexically_normal().string();
  Take(text, "spool.max_files", proto.max_files(), 1, 1'000'000, spool.max_files);
  Take(text, "spool.max_mib", proto.max_mib(), 1, 16'777'216, spool.max_bytes, kMebi);
  Take(text, "spool.max_file_mib", proto.max_file_mib(), 1, 4096, spool.max_file_bytes, kMebi);
  Take(text, "spool.max_refused", proto.max_refused(), 1, 1'000'000, spool.max_refused);
  if (spool.max_bytes < spool.max_file_bytes) {
    text.Problem("spool.max_mib", absl::StrCat("must be at least max_file_mib (",
                                               spool.max_file_bytes / kMebi, ")"));
  }
  config.association.max_file_bytes = spool.max_file_bytes;
}

void TakeSecurity(const config::v1::NodeService& proto, absl::string_view file, Textproto& text,
                  ChannelSecurity& security) {
  const std::filesystem::path folder = std::filesystem::path(std::string(file)).parent_path();
  const auto beside = [&folder](const std::string& path) {
    return path.empty() ? path : (folder / path).lexically_normal().string();
  };
  security.tls = proto.tls();
  security.ca_file = beside(proto.ca_file());
  security.certificate_file = beside(proto.certificate_file());
  security.key_file = beside(proto.key_file());
  security.token_file = beside(proto.token_file());
  security.authority = proto.authority();
  if (security.certificate_file.empty() != security.key_file.empty()) {
    text.Problem(security.key_file.empty() ? "service.certificate_file" : "service.key_file",
                 "certificate_file and key_file must be given together");
  }
}

void TakeService(const config::v1::DicomNodeConfig& proto, Textproto& text, NodeConfig& config) {
  if (!proto.service().target().empty()) {
    config.service = proto.service().target();
  }
  int64_t deadline_ms = config.deadline.count();
  Take(text, "service.deadline_ms", proto.service().deadline_ms(), 1000, 3'600'000, deadline_ms);
  config.deadline = std::chrono::milliseconds(deadline_ms);
  ForwarderOptions& forwarder = config.forwarder;
  forwarder.model = proto.service().model();
  forwarder.structured_report = proto.results().structured_report();
  forwarder.fractional = proto.results().fractional();
  forwarder.all_frames = proto.results().all_frames();
  Take(text, "service.at_a_time", proto.service().at_a_time(), 1, 64, forwarder.at_a_time);
  Take(text, "max_attempts", proto.max_attempts(), 1, 1000, forwarder.max_attempts);
}

}  // namespace

absl::StatusOr<NodeConfig> ParseNodeConfig(absl::string_view content, absl::string_view file) {
  config::v1::DicomNodeConfig proto;
  Textproto text(content, file, proto);
  NodeConfig config;
  if (text.parsed()) {
    TakeListening(proto, text, config);
    TakePacs(proto, text, config);
    TakeSpool(proto.spool(), file, text, config);
    TakeService(proto, text, config);
    TakeSecurity(proto.service(), file, text, config.security);
  }
  LINGULA_RETURN_IF_ERROR(text.status());
  return config;
}

}  // namespace lingula::node
