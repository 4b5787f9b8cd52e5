// Traces of a whole server, as a collector sees them.
#include <map>
#include <set>

#include "absl/strings/escaping.h"
#include "client/client.h"
#include "inference/grpc_service.grpc.pb.h"
#include "server/tracing/trace_context.h"
#include "tests/e2e/stream_fixture.h"
#include "tests/server/kserve/element.h"
#include "tests/server/tracing/fake_collector.h"

namespace lingula {
namespace {

using test::GoodPng;
using test::Span;

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c", kParent[] = "b7ad6b7169203331";

std::string Header(const char* flags) {
  return absl::StrCat("00-", kTrace, "-", kParent, "-", flags);
}

std::string Hex(const std::string& bytes) {
  return absl::BytesToHexString(bytes);
}

// "traceparent" of an answer; empty: it has none.
std::string Answered(const grpc::ClientContext& context) {
  const auto& metadata = context.GetServerInitialMetadata();
  const auto found = metadata.find("traceparent");
  return found == metadata.end() ? "" : std::string(found->second.data(), found->second.length());
}

class TracingTest : public test::ServerTest {
 protected:
  TracingTest() {
    config_.tracing.emplace();
    config_.tracing->options.endpoint = collector_.target();
  }

  // The traceparent of the answer.
  std::string SegmentWith(const std::vector<std::pair<std::string, std::string>>& metadata,
                          const std::string& image = GoodPng()) {
    grpc::ClientContext context;
    for (const auto& [name, value] : metadata) {
      context.AddMetadata(name, value);
    }
    v1::SegmentRequest request = Request(image);
    request.set_request_id("MARKER");
    v1::SegmentResponse response;
    last_ = segmentation_->Segment(&context, request, &response);
    return Answered(context);
  }
  // Ends the server, so that all is sent.
  std::vector<Span> Spans() {
    engine_ = nullptr;
    channel_.reset();
    server_.reset();
    return collector_.spans();
  }
  void TearDown() override {}

  test::FakeCollector collector_;
  grpc::Status last_;
};

TEST_F(TracingTest, ACallIsASpanWithItsStagesBelow) {
  const std::string answered =
      SegmentWith({{"traceparent", Header("01")}, {"tracestate", "vendor=1"}});
  ASSERT_TRUE(last_.ok());
  const auto own = ParseTraceparent(answered);
  ASSERT_TRUE(own.has_value());
  std::map<std::string, Span> spans;
  for (const Span& span : Spans()) {
    EXPECT_EQ(Hex(span.trace_id()), kTrace);
    EXPECT_EQ(span.trace_state(), "vendor=1");
    EXPECT_LE(span.start_time_unix_nano(), span.end_time_unix_nano());
    EXPECT_THAT(span.DebugString(), Not(HasSubstr("MARKER")));
    spans[span.name()] = span;
  }
  const Span& call = spans["Segment"];
  EXPECT_EQ(call.kind(), Span::SPAN_KIND_SERVER);
  EXPECT_EQ(Hex(call.parent_span_id()), kParent);
  EXPECT_EQ(call.span_id(), BytesOf(own->span_id));
  EXPECT_THAT(call.DebugString(), HasSubstr("xray@1"));
  EXPECT_EQ(spans.size(), 7U);
  const char* const stages[] = {"decode", "preprocess", "queue", "infer", "postprocess", "encode"};
  uint64_t before = call.start_time_unix_nano();
  for (const char* stage : stages) {
    ASSERT_EQ(spans.count(stage), 1U) << stage;
    const Span& span = spans[stage];
    EXPECT_EQ(span.parent_span_id(), call.span_id());
    // Two clocks are read, and whole microseconds are kept.
    EXPECT_GE(span.start_time_unix_nano() + 100'000, before) << stage;
    EXPECT_LE(span.end_time_unix_nano(), call.end_time_unix_nano() + 100'000) << stage;
    before = span.start_time_unix_nano();
  }
}

TEST_F(TracingTest, TheCallerDecidesWhatIsRecorded) {
  EXPECT_THAT(SegmentWith({{"traceparent", Header("00")}}), HasSubstr(kTrace));
  EXPECT_EQ(SegmentWith({}).substr(52), "-00") << "a trace that begins here, and is not recorded";
  EXPECT_THAT(Spans(), IsEmpty());
}

TEST_F(TracingTest, WhatIsNotValidIsIgnored) {
  for (const std::string& bad : {std::string("00-x"), "ff" + Header("01").substr(2)}) {
    EXPECT_THAT(SegmentWith({{"traceparent", bad}}), Not(HasSubstr(kTrace)));
    EXPECT_TRUE(last_.ok());
  }
  EXPECT_THAT(SegmentWith({{"traceparent", Header("01")}, {"traceparent", Header("01")}}),
              Not(HasSubstr(kTrace)));
  EXPECT_THAT(Spans(), IsEmpty());
}

TEST_F(TracingTest, ARefusalIsASpanWithoutAReason) {
  SegmentWith({{"traceparent", Header("01")}}, "no picture at all");
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const std::vector<Span> spans = Spans();
  ASSERT_FALSE(spans.empty());
  EXPECT_EQ(spans[0].name(), "Segment");
  EXPECT_THAT(spans[0].DebugString(), HasSubstr("int_value: 3"));
  EXPECT_EQ(spans[0].status().message(), "") << "not the server's fault";
}

TEST_F(TracingTest, FramesAreSpansBelowTheirStream) {
  grpc::ClientContext context;
  context.AddMetadata("traceparent", Header("01"));
  const auto call = segmentation_->SegmentStream(&context);
  v1::SegmentStreamRequest message;
  *message.mutable_settings() = test::Settings(v1::STREAM_POLICY_EVERY_FRAME);
  call->Write(message);
  v1::SegmentStreamResponse answer;
  for (uint64_t number : {1, 2}) {
    message.mutable_frame()->set_number(number);
    message.mutable_frame()->mutable_image()->set_encoded(GoodPng());
    call->Write(message);
    ASSERT_TRUE(call->Read(&answer));
  }
  const auto own = ParseTraceparent(Answered(context));
  ASSERT_TRUE(own.has_value());
  call->WritesDone();
  EXPECT_FALSE(call->Read(&answer));
  EXPECT_TRUE(call->Finish().ok());
  int frames = 0, calls = 0;
  for (const Span& span : Spans()) {
    if (span.name() == "SegmentStream frame") {
      ++frames;
      EXPECT_EQ(span.parent_span_id(), BytesOf(own->span_id));
    } else if (span.name() == "SegmentStream") {
      ++calls;
      EXPECT_EQ(span.span_id(), BytesOf(own->span_id));
      EXPECT_EQ(Hex(span.parent_span_id()), kParent);
    }
  }
  EXPECT_EQ(frames, 2);
  EXPECT_EQ(calls, 1);
}

TEST_F(TracingTest, ImagesAreSpansBelowTheirModelInfer) {
  const auto kserve = inference::GRPCInferenceService::NewStub(channel_);
  for (const char* model : {"xray", "nobody"}) {
    inference::ModelInferRequest request;
    inference::ModelInferResponse response;
    request.set_model_name(model);
    auto& input = *request.add_inputs();
    input.set_name("IMAGE");
    input.set_datatype("BYTES");
    input.add_shape(2);
    input.add_shape(1);
    request.add_raw_input_contents(test::Element(GoodPng()) + test::Element(GoodPng()));
    grpc::ClientContext context;
    context.AddMetadata("traceparent", Header("01"));
    EXPECT_EQ(kserve->ModelInfer(&context, request, &response).ok(), model == std::string("xray"));
    EXPECT_THAT(Answered(context), HasSubstr(kTrace));
  }
  std::multiset<std::string> names;
  for (const Span& span : Spans()) {
    if (span.name() == "ModelInfer image" || span.name() == "ModelInfer") {
      names.insert(span.name());
    }
  }
  EXPECT_THAT(names, UnorderedElementsAre("ModelInfer", "ModelInfer image", "ModelInfer image",
                                          "ModelInfer"));
}

TEST_F(TracingTest, OurClientHandsItsTraceOn) {
  {
    ClientOptions options;
    options.target = absl::StrCat("127.0.0.1:", server_->port());
    options.traceparent = [] { return Header("01"); };
    const auto client = Client::Connect(options);
    ASSERT_THAT(client, test::IsOk());
    EXPECT_THAT((*client)->Segment(Request(GoodPng())), test::IsOk());
    const auto stream = (*client)->OpenStream(test::Settings(v1::STREAM_POLICY_EVERY_FRAME));
    ASSERT_THAT(stream, test::IsOk());
    (*stream)->CloseSending();
    EXPECT_FALSE((*stream)->Read().has_value());
    EXPECT_THAT((*stream)->Finish(), test::IsOk());
  }
  std::multiset<std::string> calls;
  for (const Span& span : Spans()) {
    if (Hex(span.parent_span_id()) == kParent) {
      calls.insert(span.name());
    }
  }
  EXPECT_THAT(calls, ElementsAre("Segment", "SegmentStream"));
}

class BeginningTest : public TracingTest {
 protected:
  BeginningTest() { config_.tracing->sampling_ratio = 1; }
};

TEST_F(BeginningTest, TracesThatBeginHereAreRecordedByTheirShare) {
  const auto own = ParseTraceparent(SegmentWith({}));
  ASSERT_TRUE(own.has_value());
  EXPECT_TRUE(own->sampled);
  const std::vector<Span> spans = Spans();
  ASSERT_EQ(spans.size(), 7U);
  EXPECT_EQ(spans[0].parent_span_id(), "");
  EXPECT_EQ(spans[0].trace_id(), BytesOf(own->trace_id));
}

class AwayTest : public BeginningTest {
 protected:
  AwayTest() {
    config_.tracing->options.timeout = std::chrono::milliseconds(50);
    config_.tracing->options.interval = std::chrono::milliseconds(1);
  }
};

TEST_F(AwayTest, ACollectorThatIsAwayHurtsNobody) {
  const auto scraped = [&](const char* outcome) {
    const std::string text = Scrape(),
                      name = absl::StrCat("lingula_spans_total{outcome=\"", outcome);
    const size_t at = text.find(name);
    return at == std::string::npos ? -1 : std::atoi(text.c_str() + at + name.size() + 3);
  };
  collector_.Stop();
  do {
    SegmentWith({});
    EXPECT_TRUE(last_.ok());
  } while (scraped("dropped") <= 0 && !HasFailure());
  EXPECT_EQ(scraped("exported"), 0);
  collector_.Start();
  do {
    SegmentWith({});
  } while (scraped("exported") <= 0 && !HasFailure());
  EXPECT_TRUE(last_.ok());
}

// Without tracing the answer names the span that it belongs to: the caller's.
using UntracedTest = test::ServerTest;

TEST_F(UntracedTest, WithoutACollectorTheContextComesBack) {
  grpc::ClientContext with, without;
  with.AddMetadata("traceparent", Header("01"));
  v1::SegmentResponse response;
  EXPECT_TRUE(segmentation_->Segment(&with, Request(GoodPng()), &response).ok());
  EXPECT_EQ(Answered(with), Header("01"));
  EXPECT_TRUE(segmentation_->Segment(&without, Request(GoodPng()), &response).ok());
  EXPECT_EQ(Answered(without), "");
}

}  // namespace
}  // namespace lingula
