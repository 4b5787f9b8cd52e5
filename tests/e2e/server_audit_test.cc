// What the audit log of a whole server says of calls of all kinds.
#include <thread>

#include <dcmtk/dcmdata/dcdeftag.h>
#include <nlohmann/json.hpp>

#include "absl/strings/str_split.h"
#include "inference/grpc_service.grpc.pb.h"
#include "model/base/file.h"
#include "tests/e2e/stream_fixture.h"
#include "tests/server/audit/fake_disk.h"
#include "tests/server/kserve/element.h"
#include "tests/support/fake_dicom.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temp_folder.h"

namespace lingula {
namespace {

using nlohmann::json;
using test::GoodPng;
using test::TestStream;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr char kUid[] = "1.2.826.0.1.3680043.4711";

class AuditTest : public test::ServerTest {
 protected:
  AuditTest() {
    config_.audit.emplace();
    config_.audit->folder = folder_.At("log");
    config_.audit->key_file = folder_.Put("key", std::string(64, 'k'));
  }

  // Ends the server, so that all is written.
  std::vector<test::AuditFile> Log() {
    engine_->Release();
    engine_ = nullptr;
    channel_.reset();
    server_.reset();
    std::vector<test::AuditFile> files;
    for (int64_t number = 1;; ++number) {
      const auto content = ReadFile(folder_.At("log/" + AuditFileName(number)));
      if (!content.ok()) {
        return files;
      }
      files.push_back({AuditFileName(number), *content});
    }
  }
  void TearDown() override {
    if (engine_ != nullptr) {
      engine_->Release();
    }
    server_.reset();  // while its folder is there
  }
  static std::vector<json> Inferences(const std::vector<test::AuditFile>& files) {
    std::vector<json> inferences;
    for (const test::AuditFile& file : files) {
      for (const absl::string_view line : absl::StrSplit(file.content, '\n', absl::SkipEmpty())) {
        json record = json::parse(line.begin(), line.end());
        if (record["event"] == "inference") {
          inferences.push_back(std::move(record));
        }
      }
    }
    return inferences;
  }
  // "Segment OK"
  static std::vector<std::string> Outcomes(const std::vector<json>& inferences) {
    std::vector<std::string> outcomes;
    for (const json& record : inferences) {
      outcomes.push_back(record.value("method", "") + " " + record.value("code", ""));
    }
    return outcomes;
  }
  AuditKeys Keys() const { return *ReadAuditKeys(config_.audit->key_file); }

  const test::TempFolder folder_;
};

TEST_F(AuditTest, AGoodCallIsDescribedAndNobodyIsNamed) {
  test::FakeDicom dicom(test::Picture(40, 24, {4, 2, 16, 8}));
  dicom.Put(DCM_PatientName, "MARKER^NAME").Put(DCM_PatientID, "MARKER-ID");
  dicom.Put(DCM_SOPInstanceUID, kUid);
  v1::SegmentRequest request = Request(dicom.Write());
  request.set_request_id("MARKER-REQUEST");
  ASSERT_TRUE(Segment(request).ok());
  const std::vector<test::AuditFile> files = Log();
  ASSERT_EQ(files.size(), 1U);
  const std::vector<json> inferences = Inferences(files);
  ASSERT_EQ(inferences.size(), 1U);
  const json& record = inferences[0];
  EXPECT_EQ(record["method"], "Segment");
  EXPECT_EQ(record["caller"], "anonymous");
  EXPECT_EQ(record["request"], HmacHex(Keys().identity, "MARKER-REQUEST"));
  EXPECT_EQ(record["instance"], HmacHex(Keys().identity, kUid));
  EXPECT_EQ(record["model"], "xray@1");
  EXPECT_EQ(record["weights"], std::string(64, 'a'));
  EXPECT_EQ(record["guidance"], "generated_report");
  EXPECT_EQ(record["code"], "OK");
  EXPECT_GT(record["latency_us"], 0);
  EXPECT_THAT(files[0].content, Not(HasSubstr("MARKER")));
  EXPECT_THAT(files[0].content, Not(HasSubstr("3680043")));
  EXPECT_THAT(test::VerifyFiles(files, Keys()).problems, IsEmpty());
}

TEST_F(AuditTest, EveryUnaryCallHasItsRecord) {
  EXPECT_TRUE(Segment(Request(GoodPng())).ok());
  EXPECT_FALSE(Segment(Request("no picture")).ok());
  v1::SegmentRequest unknown = Request(GoodPng());
  unknown.set_model("nobody");
  unknown.set_request_id("unknown");
  EXPECT_FALSE(Segment(unknown).ok());
  EXPECT_FALSE(Segment(v1::SegmentRequest()).ok());
  engine_->Block();
  test::Call first(*segmentation_, Request(GoodPng()));
  engine_->WaitForBatches(2);
  test::Call second(*segmentation_, Request(GoodPng())), third(*segmentation_, Request(GoodPng()));
  while (server_->models().models().front()->queue().depth() < 2) {
    std::this_thread::yield();
  }
  EXPECT_EQ(Segment(Request(GoodPng())).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  second.context().TryCancel();
  EXPECT_EQ(second.Code(), grpc::StatusCode::CANCELLED);
  engine_->Release();
  EXPECT_EQ(first.Code(), grpc::StatusCode::OK);
  EXPECT_EQ(third.Code(), grpc::StatusCode::OK);
  const std::vector<json> records = Inferences(Log());
  // Whether the server hears of it before it answers is a matter of luck; pipeline_test is sure.
  const auto cancelled = testing::AnyOf("Segment CANCELLED", "Segment OK");
  EXPECT_THAT(Outcomes(records),
              UnorderedElementsAre("Segment OK", "Segment INVALID_ARGUMENT", "Segment NOT_FOUND",
                                   "Segment INVALID_ARGUMENT", "Segment RESOURCE_EXHAUSTED",
                                   cancelled, "Segment OK", "Segment OK"));
  for (const json& record : records) {
    if (record["code"] == "NOT_FOUND") {
      EXPECT_FALSE(record.contains("model"));
      EXPECT_FALSE(record.contains("guidance"));
      EXPECT_EQ(record["request"], HmacHex(Keys().identity, "unknown"));
    }
  }
}

TEST_F(AuditTest, EachFrameOfAStreamHasItsRecord) {
  {
    TestStream stream(*segmentation_, test::Settings(v1::STREAM_POLICY_EVERY_FRAME));
    stream.Send(1, GoodPng());
    EXPECT_EQ(stream.Read(), "1:mask");
    stream.Send(2, "no picture");
    EXPECT_EQ(stream.Read(), "2:BAD_FRAME");
    stream.Send(3, GoodPng());
    EXPECT_EQ(stream.Read(), "3:mask");
    stream.Close();
    EXPECT_TRUE(stream.Finish().ok());
    v1::StreamSettings bad = test::Settings(v1::STREAM_POLICY_EVERY_FRAME);
    bad.set_model("nobody");
    TestStream refused(*segmentation_, bad);
    EXPECT_EQ(refused.Finish().error_code(), grpc::StatusCode::NOT_FOUND);
  }
  EXPECT_THAT(Outcomes(Inferences(Log())),
              UnorderedElementsAre("SegmentStream OK", "SegmentStream INVALID_ARGUMENT",
                                   "SegmentStream OK", "SegmentStream NOT_FOUND"));
}

TEST_F(AuditTest, EachImageOfModelInferHasItsRecord) {
  const auto kserve = inference::GRPCInferenceService::NewStub(channel_);
  const auto infer = [&](const std::string& model) {
    inference::ModelInferRequest request;
    inference::ModelInferResponse response;
    request.set_model_name(model);
    request.set_id("call-1");
    auto& input = *request.add_inputs();
    input.set_name("IMAGE");
    input.set_datatype("BYTES");
    input.add_shape(2);
    input.add_shape(1);
    request.add_raw_input_contents(test::Element(GoodPng()) + test::Element(GoodPng()));
    grpc::ClientContext context;
    return kserve->ModelInfer(&context, request, &response);
  };
  EXPECT_TRUE(infer("xray").ok());
  EXPECT_EQ(infer("nobody").error_code(), grpc::StatusCode::NOT_FOUND);
  const std::vector<json> records = Inferences(Log());
  EXPECT_THAT(Outcomes(records),
              ElementsAre("ModelInfer OK", "ModelInfer OK", "ModelInfer NOT_FOUND"));
  for (const json& record : records) {
    EXPECT_EQ(record["request"], HmacHex(Keys().identity, "call-1"));
  }
}

TEST_F(AuditTest, MetricsTellOfIt) {
  ASSERT_TRUE(Segment(Request(GoodPng())).ok());
  std::string scraped;
  do {  // the writer comes by itself
    scraped = Scrape();
  } while (scraped.find("lingula_audit_records_total 1\n") == std::string::npos && !HasFailure());
  EXPECT_THAT(scraped, HasSubstr("lingula_audit_dropped_total 0\n"));
  EXPECT_THAT(scraped, HasSubstr("lingula_audit_last_sequence 3\n"));
  EXPECT_THAT(scraped, HasSubstr("lingula_audit_writable 1\n"));
}

TEST_F(AuditTest, AFolderThatCannotBeWrittenStopsTheStart) {
  folder_.Put("file", "");
  config_.metrics_port = 0;
  config_.audit->folder = folder_.At("file/log");
  const auto server = Server::Start(config_, test::Sources(test::FakeSource("xray", "1")));
  EXPECT_THAT(server.status(),
              test::StatusIs(absl::StatusCode::kUnavailable, HasSubstr("audit: ")));
}

class FullDiskTest : public AuditTest {
 protected:
  FullDiskTest() { config_.audit->options.flush_interval = std::chrono::milliseconds(1); }
  // Until a line of the exposition holds.
  void WaitFor(const std::string& line) const {
    while (server_->metrics().Text().find(line) == std::string::npos) {
      std::this_thread::yield();
    }
  }
  grpc::Status Segment() { return ServerTest::Segment(Request(GoodPng())); }
  // Nothing can be written while the result lives.
  std::unique_ptr<test::FileSizeLimit> FillDisk() {
    EXPECT_TRUE(Segment().ok());
    WaitFor("lingula_audit_records_total 1\n");
    return std::make_unique<test::FileSizeLimit>(1);
  }
};

TEST_F(FullDiskTest, HurtsNobody) {
  auto full = FillDisk();
  EXPECT_TRUE(Segment().ok());
  WaitFor("lingula_audit_writable 0\n");
  EXPECT_TRUE(Segment().ok());
  full.reset();
  WaitFor("lingula_audit_writable 1\n");
  EXPECT_TRUE(Segment().ok());
  const std::vector<test::AuditFile> files = Log();
  EXPECT_EQ(Inferences(files).size(), 4U) << "what was queued is written later";
  EXPECT_THAT(test::VerifyFiles(files, Keys()).problems, IsEmpty());
}

class RefusingTest : public FullDiskTest {
 protected:
  RefusingTest() { config_.audit->options.policy = AuditPolicy::kRefuse; }
};

TEST_F(RefusingTest, ClosesTheDoorUntilThereIsRoom) {
  auto full = FillDisk();
  EXPECT_TRUE(Segment().ok()) << "nobody knows yet";
  WaitFor("lingula_audit_writable 0\n");
  const grpc::Status status = Segment();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("the audit log takes no records (cannot write: "));
  full.reset();
  WaitFor("lingula_audit_writable 1\n");
  EXPECT_TRUE(Segment().ok());
  const std::vector<test::AuditFile> files = Log();
  EXPECT_THAT(Outcomes(Inferences(files)),
              ElementsAre("Segment OK", "Segment OK", "Segment UNAVAILABLE", "Segment OK"));
  EXPECT_THAT(test::VerifyFiles(files, Keys()).problems, IsEmpty());
}

}  // namespace
}  // namespace lingula
