#include "server/audit/fhir.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "server/audit/file_head.h"
#include "server/audit/record.h"
#include "tests/server/audit/fake_disk.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using nlohmann::json;
using test::FakeEvent;
using test::FakeKeys;

std::string Line(const std::string& fields) {
  ChainPlace place;
  std::string line = SealLine(fields, FakeKeys(), place);
  line.pop_back();
  return line;
}

json Resource(const std::string& fields) {
  const auto text = FhirAuditEvent(Line(fields), "abc123");
  EXPECT_THAT(text, test::IsOk());
  return json::parse(*text);
}

void ExpectCoding(const json& coding) {
  for (const char* field : {"system", "code"}) {
    EXPECT_TRUE(coding.at(field).is_string() && !coding.at(field).get<std::string>().empty())
        << coding;
  }
}

// What R4 says of AuditEvent: required elements, their types, cardinalities and bound codes.
void ExpectAuditEvent(const json& resource) {
  EXPECT_EQ(resource.at("resourceType"), "AuditEvent");
  EXPECT_THAT(resource.at("id").get<std::string>(), testing::MatchesRegex("[A-Za-z0-9.-]+"));
  EXPECT_LE(resource.at("id").get<std::string>().size(), 64U);
  ExpectCoding(resource.at("type"));
  for (const json& subtype : resource.value("subtype", json::array())) {
    ExpectCoding(subtype);
  }
  EXPECT_THAT((std::vector<std::string>{"C", "R", "U", "D", "E"}),
              testing::Contains(resource.at("action").get<std::string>()));
  EXPECT_THAT(resource.at("recorded").get<std::string>(),
              testing::MatchesRegex("....-..-..T..:..:...*Z"));
  EXPECT_THAT((std::vector<std::string>{"0", "4", "8", "12"}),
              testing::Contains(resource.at("outcome").get<std::string>()));
  ASSERT_FALSE(resource.at("agent").empty());
  for (const json& agent : resource.at("agent")) {
    EXPECT_TRUE(agent.at("requestor").is_boolean());
  }
  EXPECT_TRUE(resource.at("source").at("observer").is_object());
  for (const json& entity : resource.value("entity", json::array())) {
    EXPECT_TRUE(entity.contains("what") || entity.contains("name")) << "or it says nothing";
    ExpectCoding(entity.at("type"));
    for (const json& detail : entity.value("detail", json::array())) {
      EXPECT_TRUE(detail.at("type").is_string());
      EXPECT_TRUE(detail.at("valueString").is_string());
    }
  }
}

TEST(Fhir, AnInferenceIsAnAuditEvent) {
  AuditEvent event = FakeEvent();
  event.instance = std::string(64, 'b');
  const json resource = Resource(FieldsOf(event, FakeKeys()));
  ExpectAuditEvent(resource);
  EXPECT_EQ(resource["id"], "lingula-abc123-1");
  EXPECT_EQ(resource["recorded"], "2027-01-15T08:00:00.000123Z");
  EXPECT_EQ(resource["outcome"], "0");
  EXPECT_EQ(resource["agent"][0]["altId"], "CN=pacs, O=\"St. Mary\"");
  ASSERT_EQ(resource["entity"].size(), 2U);
  EXPECT_EQ(resource["entity"][0]["what"]["identifier"]["value"], std::string(64, 'b'));
  const json& details = resource["entity"][1]["detail"];
  ASSERT_EQ(details.size(), 5U);
  EXPECT_EQ(details[0]["valueString"], "xray@1");
  EXPECT_EQ(details[3]["valueString"], R"(["EMPTY_MASK","LOSSY_INPUT"])");
}

TEST(Fhir, WhoIsToBlameIsTold) {
  AuditEvent event = FakeEvent("");
  event.model = event.weights = event.guidance = "";
  for (const auto& [code, outcome] : {std::pair{"INVALID_ARGUMENT", "4"}, {"INTERNAL", "8"}}) {
    event.code = code;
    const json resource = Resource(FieldsOf(event, FakeKeys()));
    ExpectAuditEvent(resource);
    EXPECT_EQ(resource["outcome"], outcome);
    EXPECT_EQ(resource["outcomeDesc"], code);
  }
}

TEST(Fhir, WhatTheLogSaysOfItselfIsToldToo) {
  const absl::Time now = absl::UnixEpoch();
  const json gap =
      Resource(RecordFields(now, "gap").Number("dropped", 7).Text("reason", "full").Take());
  ExpectAuditEvent(gap);
  EXPECT_EQ(gap["outcomeDesc"], "7 records were dropped: full");
  for (const char* event : {"started", "started after unclean end"}) {
    ExpectAuditEvent(Resource(RecordFields(now, event).Take()));
  }
  const json end = Resource(RecordFields(now, kEndEvent).Text("reason", "stopped").Take());
  ExpectAuditEvent(end);
  EXPECT_EQ(end["subtype"][0]["code"], "110121");
}

TEST(Fhir, LinesThatHoldFilesTogetherAreLeftOut) {
  const absl::Time now = absl::UnixEpoch();
  EXPECT_THAT(FhirAuditEvent(Line(FieldsOf(FileHead(), now)), "c"), test::IsOkAndHolds(""));
  EXPECT_THAT(
      FhirAuditEvent(Line(RecordFields(now, kEndEvent).Text("reason", "rotated").Take()), "c"),
      test::IsOkAndHolds(""));
  EXPECT_FALSE(FhirAuditEvent("{}", "c").ok());
}

}  // namespace
}  // namespace lingula
