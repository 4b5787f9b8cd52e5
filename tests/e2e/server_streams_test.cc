// Many streams, readers that stop, callers that leave, and a server that goes.
#include <chrono>
#include <random>
#include <thread>
#include <vector>

#include "model/image/png_file.h"
#include "tests/e2e/stream_fixture.h"

namespace lingula {
namespace {

using grpc::StatusCode;
using test::GoodPng;
using test::Settings;
using test::TestStream;
using testing::AnyOf;
using testing::SizeIs;

class StreamsTest : public test::ServerTest {
 protected:
  StreamsTest() { config_.batching.max_queued = 256; }

  void WaitForOpenStreams(int number) const {
    const std::string line = absl::StrCat("\nlingula_streams_open ", number, "\n");
    while (server_->metrics().Text().find(line) == std::string::npos) {
      std::this_thread::yield();
    }
  }
  size_t Samples() const {
    size_t samples = 0;
    for (const int size : engine_->batch_sizes()) {
      samples += static_cast<size_t>(size);
    }
    return samples;
  }
  // Waits until the engine has had nothing new to do for a while.
  size_t WaitUntilQuiet() const {
    size_t before = 0;
    for (int quiet = 0; quiet < 4; ++quiet) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      const size_t now = Samples();
      quiet = now == before ? quiet : 0;
      before = now;
    }
    return before;
  }
};

// About a megabyte that does not shrink, so that answers with an overlay fill every buffer on the
// way quickly.
std::string NoisePng() {
  cv::Mat noise(600, 600, CV_8UC3);
  std::minstd_rand random(7);
  for (auto* byte = noise.datastart; byte != noise.dataend; ++byte) {
    *const_cast<uchar*>(byte) = static_cast<uchar>(random());
  }
  return test::PngOf(noise);
}

TEST_F(StreamsTest, AReaderThatStopsIsNotReadFromAndThenServedOn) {
  constexpr uint64_t kFrames = 40;
  v1::StreamSettings settings = Settings(v1::STREAM_POLICY_EVERY_FRAME);
  settings.add_mask_formats(v1::MASK_FORMAT_OVERLAY_PNG);
  TestStream stream(*segmentation_, settings);
  const std::string noise = NoisePng();
  std::thread writer([&] {
    for (uint64_t number = 1; number <= kFrames; ++number) {
      EXPECT_TRUE(stream.Send(number, noise));
    }
    stream.Close();
  });
  // The window, and what the connection itself buffers.
  EXPECT_LT(WaitUntilQuiet(), kFrames / 2);
  EXPECT_TRUE(Segment(Request(GoodPng())).ok());  // the others are served
  const std::vector<std::string> answers = stream.ReadAll();
  writer.join();
  ASSERT_THAT(answers, SizeIs(kFrames));
  for (size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i], absl::StrCat(i + 1, ":mask"));
  }
}

TEST_F(StreamsTest, ACallerThatIsKilledLeavesNothingBehind) {
  engine_->Block();
  {
    TestStream stream(*segmentation_, Settings(v1::STREAM_POLICY_EVERY_FRAME));
    for (uint64_t number = 1; number <= 4; ++number) {
      stream.Send(number, GoodPng());
    }
    engine_->WaitForBatches(1);
    stream.Cancel();
    EXPECT_EQ(stream.Finish().error_code(), StatusCode::CANCELLED);
  }
  engine_->Release();
  WaitForOpenStreams(0);
  EXPECT_TRUE(Segment(Request(GoodPng())).ok());
}

TEST_F(StreamsTest, AnIdleStreamEndsWhenItsCallerLeaves) {
  {
    TestStream stream(*segmentation_, Settings(v1::STREAM_POLICY_EVERY_FRAME));
    WaitForOpenStreams(1);
  }
  WaitForOpenStreams(0);
}

TEST_F(StreamsTest, TooManyStreamsAreRefusedWithATimeToComeBack) {
  config_.max_open_streams = 1;
  server_.reset();
  SetUp();
  TestStream first(*segmentation_, Settings(v1::STREAM_POLICY_EVERY_FRAME));
  WaitForOpenStreams(1);
  TestStream second(*segmentation_, Settings(v1::STREAM_POLICY_EVERY_FRAME));
  EXPECT_EQ(second.Finish().error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(second.context().GetServerTrailingMetadata().count("grpc-retry-pushback-ms"), 1U);
  first.Send(1, GoodPng());
  EXPECT_EQ(first.Read(), "1:mask");
  first.Close();
  EXPECT_TRUE(first.Finish().ok());
  WaitForOpenStreams(0);
  TestStream third(*segmentation_, Settings(v1::STREAM_POLICY_EVERY_FRAME));
  third.Close();
  EXPECT_TRUE(third.Finish().ok());
}

TEST_F(StreamsTest, AMessageBeyondTheLimitEndsItsStreamOnly) {
  config_.max_message_bytes = 100'000;
  server_.reset();
  SetUp();
  TestStream other(*segmentation_, Settings(v1::STREAM_POLICY_EVERY_FRAME));
  TestStream stream(*segmentation_, Settings(v1::STREAM_POLICY_EVERY_FRAME));
  stream.Send(1, NoisePng());
  EXPECT_EQ(stream.Finish().error_code(), StatusCode::RESOURCE_EXHAUSTED);
  other.Send(1, GoodPng());
  EXPECT_EQ(other.Read(), "1:mask");
}

TEST_F(StreamsTest, ADeadlineOfTheCallEndsTheWholeStream) {
  engine_->Block();
  {
    TestStream stream(*segmentation_, Settings(v1::STREAM_POLICY_EVERY_FRAME),
                      std::chrono::system_clock::now() + std::chrono::milliseconds(50));
    stream.Send(1, GoodPng());
    EXPECT_EQ(stream.Finish().error_code(), StatusCode::DEADLINE_EXCEEDED);
  }
  engine_->Release();
  WaitForOpenStreams(0);
  EXPECT_TRUE(Segment(Request(GoodPng())).ok());
}

TEST_F(StreamsTest, ThirtyTwoAtOnceAreAnsweredEachInItsOrder) {
  config_.batching.max_batch_size = 8;
  server_.reset();
  SetUp();
  constexpr int kStreams = 32;
  constexpr uint64_t kFrames = 20;
  std::vector<std::vector<std::string>> answers(kStreams);
  std::vector<std::thread> callers;
  for (int i = 0; i < kStreams; ++i) {
    callers.emplace_back([this, i, &answers] {
      const bool freshest = i % 2 == 1;
      TestStream stream(*segmentation_, Settings(freshest ? v1::STREAM_POLICY_FRESHEST
                                                          : v1::STREAM_POLICY_EVERY_FRAME));
      for (uint64_t number = 1; number <= kFrames; ++number) {
        EXPECT_TRUE(stream.Send(number, GoodPng()));
      }
      stream.Close();
      answers[static_cast<size_t>(i)] = stream.ReadAll();
      EXPECT_TRUE(stream.Finish().ok());
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  for (int i = 0; i < kStreams; ++i) {
    const auto& got = answers[static_cast<size_t>(i)];
    ASSERT_THAT(got, SizeIs(kFrames));
    for (size_t frame = 0; frame < got.size(); ++frame) {
      const std::string number = absl::StrCat(frame + 1, ":");
      EXPECT_THAT(got[frame],
                  AnyOf(number + "mask", number + (i % 2 == 1 ? "SUPERSEDED" : "mask")));
    }
  }
}

TEST_F(StreamsTest, DrainingAnswersWhatWasAcceptedAndEndsTheStream) {
  engine_->Block();
  TestStream stream(*segmentation_, Settings(v1::STREAM_POLICY_EVERY_FRAME));
  for (uint64_t number = 1; number <= 6; ++number) {
    stream.Send(number, GoodPng());
  }
  engine_->WaitForBatches(1);
  std::thread drain([this] { server_->Drain(); });
  // Streams hear of it before calls do; when this one is refused, the server drains.
  TestStream late(*segmentation_, Settings(v1::STREAM_POLICY_EVERY_FRAME));
  while (Segment(Request("not an image")).error_code() != StatusCode::UNAVAILABLE) {
  }
  engine_->Release();
  EXPECT_EQ(stream.Read(), "1:mask");
  for (uint64_t next = 2; !stream.Read().empty(); ++next) {
    EXPECT_EQ(stream.last().frame_number(), next);
    if (stream.last().has_drop()) {
      EXPECT_EQ(stream.last().drop().reason(), v1::DROP_REASON_REFUSED);
      EXPECT_EQ(stream.last().drop().code(), StatusCode::UNAVAILABLE);
    }
  }
  EXPECT_EQ(stream.Finish().error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(late.Finish().error_code(), StatusCode::UNAVAILABLE);
  drain.join();
}

}  // namespace
}  // namespace lingula
