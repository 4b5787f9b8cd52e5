// Streams over a real port: order, one answer a frame, what ends a frame and what ends a stream.
#include <thread>
#include <vector>

#include "tests/e2e/stream_fixture.h"
#include "tests/support/fake_clock.h"

namespace lingula {
namespace {

using grpc::StatusCode;
using test::GoodPng;
using test::Settings;
using test::TestStream;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class StreamTest : public test::ServerTest {
 protected:
  StreamTest() { config_.batching.max_queued = 256; }

  void WaitForOpenStreams(int number) const {
    const std::string line = absl::StrCat("\nlingula_streams_open ", number, "\n");
    while (server_->metrics().Text().find(line) == std::string::npos) {
      std::this_thread::yield();
    }
  }
};

TEST_F(StreamTest, AnswersEveryFrameInOrderAndEndsWhenTheCallerHasClosed) {
  TestStream stream(*segmentation_, Settings(v1::STREAM_POLICY_EVERY_FRAME));
  std::thread writer([&stream] {
    for (uint64_t number = 1; number <= 30; ++number) {
      EXPECT_TRUE(stream.Send(number, GoodPng()));
    }
    stream.Close();
  });
  const std::vector<std::string> answers = stream.ReadAll();
  writer.join();
  ASSERT_THAT(answers, SizeIs(30));
  for (size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i], absl::StrCat(i + 1, ":mask"));
  }
  EXPECT_TRUE(stream.Finish().ok());
  EXPECT_THAT(Scrape(), AllOf(HasSubstr(R"(lingula_stream_frames_total{outcome="answered"} 30)"),
                              HasSubstr("lingula_stream_frame_duration_seconds_count 30"),
                              HasSubstr(R"(method="SegmentStream",model="xray@1"} 30)")));
  WaitForOpenStreams(0);
}

TEST_F(StreamTest, AFrameIsAnsweredAsSegmentWouldAnswerIt) {
  v1::StreamSettings settings = Settings(v1::STREAM_POLICY_EVERY_FRAME);
  settings.add_mask_formats(v1::MASK_FORMAT_COCO_RLE);
  settings.set_want_location_text(true);
  settings.set_threshold(0.25F);
  TestStream stream(*segmentation_, settings);
  stream.Send(1, GoodPng());
  EXPECT_EQ(stream.Read(), "1:mask");
  v1::SegmentRequest request = Request(GoodPng());
  request.add_mask_formats(v1::MASK_FORMAT_COCO_RLE);
  request.set_want_location_text(true);
  request.set_threshold(0.25F);
  v1::SegmentResponse unary;
  ASSERT_TRUE(Segment(request, &unary).ok());
  const v1::SegmentResponse& streamed = stream.last().result();
  EXPECT_EQ(streamed.masks(0).coco_rle().counts(), unary.masks(0).coco_rle().counts());
  EXPECT_EQ(streamed.location().sentence(), unary.location().sentence());
  EXPECT_EQ(streamed.threshold(), unary.threshold());
}

TEST_F(StreamTest, BadFramesCostThemselvesOnly) {
  TestStream stream(*segmentation_, Settings(v1::STREAM_POLICY_EVERY_FRAME));
  std::thread writer([&stream] {
    stream.Send(1, GoodPng());
    stream.Send(2, "no image at all, just words");
    stream.Send(3, test::PngOf(test::Picture(1001, 1000, {0, 0, 9, 9})));  // a million is allowed
    stream.Send(4, "");
    stream.Send(4, GoodPng());                                           // not greater than 4
    stream.Send(5, test::PngOf(test::Picture(64, 48, {9, 9, 20, 20})));  // another size is welcome
    stream.Send(6, GoodPng().substr(0, 80));
    stream.Send(7, GoodPng());
    stream.Close();
  });
  EXPECT_THAT(stream.ReadAll(), ElementsAre("1:mask", "2:BAD_FRAME", "3:BAD_FRAME", "4:BAD_FRAME",
                                            "4:BAD_FRAME", "5:mask", "6:BAD_FRAME", "7:mask"));
  writer.join();
  EXPECT_TRUE(stream.Finish().ok());
}

TEST_F(StreamTest, AReceiptSaysWhatSegmentWouldHaveSaid) {
  TestStream stream(*segmentation_, Settings(v1::STREAM_POLICY_FRESHEST));
  stream.Send(9, test::PngOf(test::Picture(1001, 1000, {0, 0, 9, 9})));
  EXPECT_EQ(stream.Read(), "9:BAD_FRAME");
  EXPECT_EQ(stream.last().drop().code(), StatusCode::OUT_OF_RANGE);
  EXPECT_THAT(stream.last().drop().message(), HasSubstr("pixels"));
}

// The server reads at its own pace, so a try may end before it has read a second waiting frame; one
// that never drops would fail every try.
TEST_F(StreamTest, FreshestAnswersEveryFrameInOrderAndDropsWhatWaits) {
  size_t superseded = 0;
  for (int attempt = 0; attempt < 50 && superseded == 0; ++attempt) {
    engine_->Block();
    const size_t before = engine_->batch_sizes().size();
    TestStream stream(*segmentation_, Settings(v1::STREAM_POLICY_FRESHEST));
    for (uint64_t number = 1; number <= 8; ++number) {
      ASSERT_TRUE(stream.Send(number, GoodPng()));
    }
    stream.Close();
    engine_->WaitForBatches(before + 1);
    engine_->Release();
    const std::vector<std::string> answers = stream.ReadAll();
    ASSERT_THAT(answers, SizeIs(8));
    for (size_t i = 0; i < answers.size(); ++i) {
      const std::string number = absl::StrCat(i + 1, ":");
      EXPECT_THAT(answers[i], testing::AnyOf(number + "mask", number + "SUPERSEDED"));
      superseded += answers[i] == number + "SUPERSEDED" ? 1 : 0;
    }
    EXPECT_EQ(answers.front(), "1:mask");
    EXPECT_EQ(answers.back(), "8:mask");  // the freshest one always gets its turn
    EXPECT_TRUE(stream.Finish().ok());
  }
  EXPECT_GT(superseded, 0U);
}

// One frame is with the engine, one waits for it and one for a processor: of four, one is too many.
TEST_F(StreamTest, ARefusedFrameSaysWhenToComeBack) {
  config_.batching.max_batch_size = 1;
  config_.batching.max_queued = 1;
  server_.reset();
  SetUp();
  engine_->Block();
  TestStream stream(*segmentation_, Settings(v1::STREAM_POLICY_EVERY_FRAME));
  stream.Send(1, GoodPng());
  engine_->WaitForBatches(1);
  for (uint64_t number = 2; number <= 4; ++number) {
    stream.Send(number, GoodPng());
  }
  while (server_->metrics().Text().find(R"(code="RESOURCE_EXHAUSTED",method="SegmentStream")") ==
         std::string::npos) {
    std::this_thread::yield();
  }
  engine_->Release();
  stream.Close();
  EXPECT_EQ(stream.Read(), "1:mask");
  int refused = 0;
  for (uint64_t next = 2; !stream.Read().empty(); ++next) {
    EXPECT_EQ(stream.last().frame_number(), next);
    if (stream.last().drop().reason() == v1::DROP_REASON_REFUSED) {
      EXPECT_EQ(stream.last().drop().code(), StatusCode::RESOURCE_EXHAUSTED);
      EXPECT_GT(stream.last().drop().retry_after_ms(), 0U);
      ++refused;
    }
  }
  EXPECT_GE(refused, 1);
  EXPECT_TRUE(stream.Finish().ok());
}

TEST(StreamAge, FramesOlderThanTheLimitAreDropped) {
  test::FakeClock clock;
  ServerConfig config;
  config.port = 0;
  config.metrics_port = 0;
  test::FakeEngine* engine = nullptr;
  const auto server =
      Server::Start(config, test::Sources(test::FakeSource("xray", "1", &engine)), clock);
  ASSERT_THAT(server, test::IsOk());
  const auto stub = v1::Segmentation::NewStub(grpc::CreateChannel(
      absl::StrCat("127.0.0.1:", (*server)->port()), grpc::InsecureChannelCredentials()));
  v1::StreamSettings settings = Settings(v1::STREAM_POLICY_EVERY_FRAME);
  settings.set_max_frame_age_ms(100);
  TestStream stream(*stub, settings);
  engine->Block();
  stream.Send(1, GoodPng());
  engine->WaitForBatches(1);
  clock.Advance(std::chrono::milliseconds(101));
  engine->Release();
  EXPECT_EQ(stream.Read(), "1:TOO_OLD");
  EXPECT_EQ(stream.last().drop().code(), StatusCode::DEADLINE_EXCEEDED);
  stream.Send(2, GoodPng());
  EXPECT_EQ(stream.Read(), "2:mask");
}

TEST_F(StreamTest, SmoothingMixesFramesOfOneSize) {
  v1::StreamSettings settings = Settings(v1::STREAM_POLICY_EVERY_FRAME);
  settings.set_smoothing(0.5F);
  TestStream stream(*segmentation_, settings);
  std::vector<float> largest;
  const std::string files[] = {GoodPng(), GoodPng(),
                               test::PngOf(test::Picture(64, 48, {9, 9, 20, 20}))};
  for (uint64_t number = 1; number <= 3; ++number) {
    engine_->SetProbability(number == 1 ? 1 : 0);
    stream.Send(number, files[number - 1]);
    ASSERT_EQ(stream.Read(), absl::StrCat(number, ":mask"));
    largest.push_back(stream.last().result().quality().max_probability());
  }
  EXPECT_THAT(largest, ElementsAre(1, 0.5F, 0));
}

TEST_F(StreamTest, TheFirstMessageMustBeTheSettings) {
  TestStream stream(*segmentation_);
  stream.Send(1, GoodPng());
  const grpc::Status status = stream.Finish();
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("settings"));
}

TEST_F(StreamTest, AStreamWithoutAnyMessageIsAMistake) {
  TestStream stream(*segmentation_);
  stream.Close();
  EXPECT_EQ(stream.Finish().error_code(), StatusCode::INVALID_ARGUMENT);
}

TEST_F(StreamTest, SettingsComeOnlyOnceAndAcceptedFramesAreStillAnswered) {
  TestStream stream(*segmentation_, Settings(v1::STREAM_POLICY_EVERY_FRAME));
  stream.Send(1, GoodPng());
  stream.Set(Settings(v1::STREAM_POLICY_FRESHEST));
  EXPECT_EQ(stream.Read(), "1:mask");
  EXPECT_EQ(stream.Finish().error_code(), StatusCode::INVALID_ARGUMENT);
}

TEST_F(StreamTest, AnEmptyMessageEndsTheStream) {
  TestStream stream(*segmentation_, Settings(v1::STREAM_POLICY_EVERY_FRAME));
  stream.SendEmptyMessage();
  EXPECT_EQ(stream.Finish().error_code(), StatusCode::INVALID_ARGUMENT);
}

TEST_F(StreamTest, WrongSettingsEndTheStreamBeforeAnyFrame) {
  v1::StreamSettings settings;
  settings.set_model("unknown");
  EXPECT_EQ(TestStream(*segmentation_, settings).Finish().error_code(), StatusCode::NOT_FOUND);
  settings.clear_model();
  settings.mutable_guidance()->set_mode(v1::GUIDANCE_MODE_PROTOTYPES);
  EXPECT_EQ(TestStream(*segmentation_, settings).Finish().error_code(),
            StatusCode::FAILED_PRECONDITION);
  settings = Settings(static_cast<v1::StreamPolicy>(99));
  settings.set_max_frame_age_ms(60'001);
  settings.set_smoothing(1);
  const grpc::Status status = TestStream(*segmentation_, settings).Finish();
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(),
              AllOf(HasSubstr("policy"), HasSubstr("max_frame_age_ms"), HasSubstr("smoothing")));
}

}  // namespace
}  // namespace lingula
