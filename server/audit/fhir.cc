#include "server/audit/fhir.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "model/base/status_macros.h"
#include "server/audit/chain.h"
#include "server/audit/file_head.h"

namespace lingula {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kDicom[] = "http://dicom.nema.org/resources/ontology/DCM";
constexpr char kLifecycle[] = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle";
constexpr char kSourceType[] = "http://terminology.hl7.org/CodeSystem/security-source-type";
constexpr char kEntityType[] = "http://terminology.hl7.org/CodeSystem/audit-entity-type";

Json Coding(const char* system, const char* code, const char* display) {
  return {{"system", system}, {"code", code}, {"display", display}};
}

// http://hl7.org/fhir/audit-event-outcome: 0 success, 4 the request was to blame or came at the
// wrong time, 8 the server was.
const char* OutcomeOf(const std::string& code) {
  if (code == "OK") {
    return "0";
  }
  return code == "INTERNAL" || code == "UNKNOWN" || code == "DATA_LOSS" ? "8" : "4";
}

// What only a keyed hash is known of.
Json HashedEntity(const char* what, const std::string& hash, const Json& type) {
  return {{"what",
           {{"identifier",
             {{"system", absl::StrCat("urn:lingula:hmac-sha256:", what)}, {"value", hash}}}}},
          {"type", type}};
}

void AddDetail(const Json& fields, const char* name, Json& details) {
  if (!fields.contains(name)) {
    return;
  }
  const Json& value = fields[name];
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  details.push_back({{"type", name}, {"valueString", std::move(text)}});
}

void DescribeInference(const Json& fields, Json& resource) {
  resource["type"] = Coding(kLifecycle, "transform", "Transform/Translate Record Lifecycle Event");
  resource["subtype"] = Json::array(
      {{{"system", "urn:lingula:method"}, {"code", fields.value("method", "unknown")}}});
  resource["action"] = "E";
  const std::string code = fields.value("code", "UNKNOWN");
  resource["outcome"] = OutcomeOf(code);
  resource["outcomeDesc"] = code;
  const std::string caller = fields.value("caller", "anonymous");
  resource["agent"] = Json::array({{{"altId", caller}, {"name", caller}, {"requestor", true}}});
  Json entities = Json::array();
  if (fields.contains("instance")) {
    entities.push_back(HashedEntity("sop-instance-uid", fields["instance"],
                                    Coding(kEntityType, "2", "System Object")));
  }
  Json request =
      fields.contains("request")
          ? HashedEntity("request-id", fields["request"], Coding(kEntityType, "4", "Other"))
          : Json{{"type", Coding(kEntityType, "4", "Other")}, {"name", "request"}};
  Json details = Json::array();
  for (const char* name : {"model", "weights", "guidance", "flags", "latency_us"}) {
    AddDetail(fields, name, details);
  }
  request["detail"] = std::move(details);
  entities.push_back(std::move(request));
  resource["entity"] = std::move(entities);
}

// Start, end, gaps: what the log says of itself.
void DescribeServer(const Json& fields, const std::string& event, Json& resource) {
  const bool is_gap = event == "gap";
  resource["type"] = is_gap ? Coding(kDicom, "110113", "Security Alert")
                            : Coding(kDicom, "110100", "Application Activity");
  if (!is_gap) {
    resource["subtype"] =
        Json::array({event == kEndEvent ? Coding(kDicom, "110121", "Application Stop")
                                        : Coding(kDicom, "110120", "Application Start")});
  }
  resource["action"] = "E";
  resource["outcome"] = event == "started" || event == kEndEvent ? "0" : "4";
  resource["outcomeDesc"] =
      is_gap ? absl::StrCat(fields.value("dropped", 0),
                            " records were dropped: ", fields.value("reason", "unknown"))
             : event;
  resource["agent"] = Json::array({{{"name", "lingula-server"}, {"requestor", false}}});
}

}  // namespace

absl::StatusOr<std::string> FhirAuditEvent(absl::string_view line, absl::string_view chain) {
  LINGULA_ASSIGN_OR_RETURN(const ChainLine parsed, ParseLine(line));
  const Json fields = Json::parse(line.begin(), line.end(), nullptr, false);
  if (!fields.is_object()) {
    return absl::InvalidArgumentError("is not JSON");
  }
  const std::string event(parsed.event);
  // A file that ends because it is full ends nothing else.
  if (event == kFileEvent || (event == kEndEvent && fields.value("reason", "") != "stopped")) {
    return "";
  }
  Json resource = {{"resourceType", "AuditEvent"},
                   {"id", absl::StrCat("lingula-", chain, "-", parsed.sequence)}};
  resource["recorded"] = fields.value("time", "");
  if (event == "inference") {
    DescribeInference(fields, resource);
  } else {
    DescribeServer(fields, event, resource);
  }
  resource["source"] = {{"observer", {{"display", absl::StrCat("lingula-server, log ", chain)}}},
                        {"type", Json::array({Coding(kSourceType, "4", "Application Server")})}};
  return resource.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lingula
