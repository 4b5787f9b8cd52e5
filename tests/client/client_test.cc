#include "client/client.h"

#include <thread>
#include <vector>

#include "tests/client/fake_server.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace lingula {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): many times
using test::IsOk;
using test::IsOkAndHolds;
using test::Scripted;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const grpc::Status kFull(grpc::RESOURCE_EXHAUSTED, "queue full");
const grpc::Status kDraining(grpc::UNAVAILABLE, "draining");

// Waiting moves the clock and is written down.
class ClientTest : public testing::Test {
 protected:
  void SetUp() override {
    ClientOptions options;
    options.target = server_.target();
    options.retry.jitter = 0;
    options.clock = &clock_;
    options.sleep = [this](std::chrono::nanoseconds time) {
      waits_.push_back(time);
      clock_.Advance(time);
    };
    auto client = Client::Connect(options);
    ASSERT_THAT(client, IsOk());
    client_ = *std::move(client);
  }

  test::FakeServer server_;
  test::FakeClock clock_;
  std::vector<std::chrono::nanoseconds> waits_;
  std::unique_ptr<Client> client_;
};

TEST_F(ClientTest, BringsTheRequestThereAndTheAnswerBack) {
  v1::SegmentResponse answer;
  answer.set_threshold(0.25F);
  server_.Answer(answer);
  v1::SegmentRequest request;
  request.set_request_id("r1");
  request.add_mask_formats(v1::MASK_FORMAT_PNG);
  const auto got = client_->Segment(request);
  ASSERT_THAT(got, IsOk());
  EXPECT_EQ(got->threshold(), 0.25F);
  EXPECT_EQ(got->masks(0).png(), "the mask");
  ASSERT_THAT(server_.requests(), SizeIs(1));
  EXPECT_EQ(server_.requests()[0].request_id(), "r1");
}

TEST_F(ClientTest, AsksForModelsAndHealth) {
  EXPECT_EQ(client_->ListModels()->models(0).identity().name(), "tiny");
  EXPECT_EQ(client_->GetModel("tiny@3")->card_markdown(), "# tiny@3");
  EXPECT_THAT(client_->Health(""), IsOkAndHolds(grpc::health::v1::HealthCheckResponse::SERVING));
  EXPECT_THAT(client_->Health("tiny"),
              IsOkAndHolds(grpc::health::v1::HealthCheckResponse::NOT_SERVING));
  EXPECT_THAT(client_->Health("unknown"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ClientTest, TriesAgainWithGrowingWaits) {
  server_.Script({{kFull}, {kFull}, {kFull}});
  EXPECT_THAT(client_->Segment({}), IsOk());
  EXPECT_THAT(waits_, ElementsAre(100ms, 200ms, 400ms));
}

TEST_F(ClientTest, WaitsForAServerThatIsAwayLongerThanForOneThatIsFull) {
  const grpc::Status going(grpc::CANCELLED, "shutting down");
  server_.Script({{kFull}, {kDraining}, {going}, {kDraining}, {kDraining}, {kDraining}, {kFull}});
  EXPECT_THAT(client_->Segment({}), IsOk());
  EXPECT_THAT(waits_, ElementsAre(100ms, 100ms, 200ms, 400ms, 800ms, 1000ms, 200ms));
}

TEST_F(ClientTest, GivesUpAfterTheLastAttempt) {
  server_.Script({{kFull}, {kFull}, {kFull}, {kFull}, {kFull}});
  EXPECT_THAT(client_->Segment({}), StatusIs(absl::StatusCode::kResourceExhausted, "queue full"));
  EXPECT_THAT(server_.requests(), SizeIs(4));
}

TEST_F(ClientTest, WaitsAsLongAsTheServerAsks) {
  server_.Script({{kFull, "1234"}, {kFull, "", 2500ms}, {kFull, "7", 9000ms}});
  EXPECT_THAT(client_->Segment({}), IsOk());
  EXPECT_THAT(waits_, ElementsAre(1234ms, 2500ms, 7ms));
}

TEST_F(ClientTest, StaysAwayWhenTheServerAsksForIt) {
  for (const char* pushback : {"-1", "soon"}) {
    server_.Script({{kDraining, pushback}});
    EXPECT_THAT(client_->Segment({}), StatusIs(absl::StatusCode::kUnavailable, "draining"));
  }
  EXPECT_THAT(waits_, IsEmpty());
}

TEST_F(ClientTest, NeverRepeatsWhatCannotGetBetter) {
  for (const grpc::StatusCode code :
       {grpc::INVALID_ARGUMENT, grpc::OUT_OF_RANGE, grpc::NOT_FOUND, grpc::INTERNAL,
        grpc::FAILED_PRECONDITION, grpc::UNIMPLEMENTED, grpc::DEADLINE_EXCEEDED}) {
    server_.Script({{grpc::Status(code, "no")}});
    EXPECT_THAT(client_->Segment({}), StatusIs(static_cast<absl::StatusCode>(code), "no"));
  }
  EXPECT_THAT(waits_, IsEmpty());
  EXPECT_THAT(server_.requests(), SizeIs(7));
}

TEST_F(ClientTest, NeverWaitsPastTheDeadline) {
  server_.Script({{kFull, "40000"}, {kFull, "40000"}});
  EXPECT_THAT(client_->Segment({}, 90s), IsOk());  // two waits of 40 s
  server_.Script({{kFull, "40000"}, {kFull, "40000"}});
  EXPECT_THAT(client_->Segment({}, 80s), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(waits_, ElementsAre(40s, 40s, 40s));
}

TEST_F(ClientTest, HandsOnTheDetailsOfAnError) {
  server_.Script({{grpc::Status(grpc::INVALID_ARGUMENT, "no"), "", 0ms}});
  const auto got = client_->Segment({});
  EXPECT_TRUE(got.status().GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value());
}

TEST_F(ClientTest, SendsNothingThatIsTooLarge) {
  v1::SegmentRequest request;
  request.mutable_image()->mutable_encoded()->resize(kMaxMessageBytes);
  EXPECT_THAT(client_->Segment(request), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(server_.requests(), IsEmpty());
}

TEST_F(ClientTest, SendsAndTakesMoreThanGrpcsFourMegabytes) {
  v1::SegmentRequest request;
  request.mutable_image()->mutable_encoded()->resize(8 << 20);
  v1::SegmentResponse answer;
  answer.mutable_notice()->resize(8 << 20);
  server_.Answer(answer);
  EXPECT_THAT(client_->Segment(request), IsOk());
}

TEST_F(ClientTest, NamesTheServerThatWentAway) {
  server_.Stop();
  EXPECT_THAT(client_->Segment({}), StatusIs(absl::StatusCode::kUnavailable,
                                             HasSubstr("cannot reach " + server_.target())));
}

TEST_F(ClientTest, ServesManyThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this] { EXPECT_THAT(client_->Segment({}), IsOk()); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(server_.requests(), SizeIs(8));
}

TEST(ConnectTest, NamesTheServerThatIsNotThere) {
  ClientOptions options;
  options.target = [] {
    test::FakeServer gone;  // its port is free again
    return gone.target();
  }();
  EXPECT_THAT(Client::Connect(options), StatusIs(absl::StatusCode::kUnavailable,
                                                 HasSubstr("cannot reach " + options.target)));
  options.wait_for_ready = true;
  options.connect_timeout = 20ms;
  EXPECT_THAT(Client::Connect(options),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("no connection within 20 ms")));
}

}  // namespace
}  // namespace lingula
